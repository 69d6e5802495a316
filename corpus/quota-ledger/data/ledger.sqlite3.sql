-- A composite key in a table WITHOUT ROWID whose rows of one day change places; NULLs; two kinds of objects in one table.
CREATE TABLE usage (
    subscriptionId INTEGER NOT NULL,
    day            TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    files          INTEGER NOT NULL DEFAULT 0,
    resellerId     INTEGER DEFAULT NULL,
    PRIMARY KEY (subscriptionId, day)
) WITHOUT ROWID;
CREATE TABLE invoices (
    number    INTEGER PRIMARY KEY,
    customer  TEXT NOT NULL,
    amount    REAL NOT NULL,
    ownerId   INTEGER
);
CREATE INDEX invoices_owner ON invoices (ownerId);
INSERT INTO usage VALUES (5, '2025-11-30', 1048576, 12, NULL);
INSERT INTO usage VALUES (5, '2025-12-01', 1048580, 13, 3);
INSERT INTO usage VALUES (7, '2025-11-30', 52428800, 904, NULL);
INSERT INTO usage VALUES (7, '2025-12-01', 52428801, 905, 2);
INSERT INTO usage VALUES (8, '2025-12-01', 5, 7, 3);
INSERT INTO usage VALUES (9, '2025-12-01', 4096, 1, 0);
INSERT INTO invoices VALUES (1, 'Weaver & Sons', 12.5, 3);
INSERT INTO invoices VALUES (2, 'O''Hara', 40.0, 4);
INSERT INTO invoices VALUES (3, 'Weaver & Sons', 3.0, 3);
INSERT INTO invoices VALUES (4, 'paid in cash', 7.0, NULL);
INSERT INTO invoices VALUES (5, 'Ångström', 5.0, 5);
