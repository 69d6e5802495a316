ALTER TABLE invoices ADD COLUMN ownerId INTEGER;
CREATE INDEX invoices_owner ON invoices (ownerId);
