-- The id is the table's key, and the ids of two sites change places.
CREATE TABLE notes (
    domain_id INTEGER PRIMARY KEY,
    note      TEXT NOT NULL
);
CREATE TABLE phones (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id INTEGER NOT NULL UNIQUE,
    phone     TEXT NOT NULL
);
INSERT INTO notes VALUES (5, 'pays by invoice, never lock this site');
INSERT INTO notes VALUES (7, 'relaunch on 1 May, keep it secret');
INSERT INTO notes VALUES (11, 'mail goes to the accountant');
INSERT INTO phones (client_id, phone) VALUES (2, '+49 30 1234-1');
INSERT INTO phones (client_id, phone) VALUES (4, '+49 40 5678-9');
INSERT INTO phones (client_id, phone) VALUES (3, '+49 89 4321-0');
CREATE TABLE reminders (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    details TEXT NOT NULL
);
INSERT INTO reminders (details) VALUES ('{"domainId":5,"what":"renew the certificate, 7 days before"}');
INSERT INTO reminders (details) VALUES ('{"domainId":11,"what":"call back"}');
