CREATE TABLE tickets (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    subject  TEXT NOT NULL,
    author   INTEGER,
    dom_id   INTEGER NOT NULL DEFAULT 0,
    opened   INTEGER NOT NULL
);
CREATE TABLE messages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id   INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    customer_id INTEGER,
    text        TEXT NOT NULL,
    written     INTEGER NOT NULL
);
CREATE TABLE ratings (
    ticket_id INTEGER PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    stars     INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5)
);
