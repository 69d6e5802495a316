CREATE TABLE usage (
    subscriptionId INTEGER NOT NULL,
    day            TEXT NOT NULL,
    bytes          INTEGER NOT NULL,
    PRIMARY KEY (subscriptionId, day)
) WITHOUT ROWID;
CREATE TABLE invoices (
    number    INTEGER PRIMARY KEY,
    customer  TEXT NOT NULL,
    amount    REAL NOT NULL
);
