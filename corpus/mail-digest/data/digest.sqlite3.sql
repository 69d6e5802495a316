-- One recipient is no customer that the panel knew before, and the manifest does not say what becomes of the row: nothing may be written.
CREATE TABLE recipients (
    id INTEGER PRIMARY KEY,
    client_id INTEGER NOT NULL UNIQUE,
    frequency VARCHAR(16) NOT NULL DEFAULT 'weekly',
    last_sent INTEGER
);
CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    recipient_id INTEGER NOT NULL REFERENCES recipients(id) ON DELETE CASCADE,
    task_id VARCHAR(40),
    subject TEXT,
    body TEXT
);
INSERT INTO recipients VALUES (1, 3, 'weekly', 1764547200);
INSERT INTO recipients VALUES (2, 4, 'monthly', NULL);
INSERT INTO recipients VALUES (3, 4711, 'weekly', 1764547200);
INSERT INTO letters VALUES (1, 1, '0x5f3a', 'Your week', 'Nothing happened.');
INSERT INTO letters VALUES (2, 3, '0x5f3b', 'Your week', 'Goodbye.');
