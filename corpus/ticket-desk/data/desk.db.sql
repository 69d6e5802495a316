-- A site is gone: the manifest says that what is about it goes too. A deleted row leaves its number used.
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
INSERT INTO tickets (subject, author, dom_id, opened) VALUES ('The shop is slow', 3, 5, 1764633600);
INSERT INTO tickets (subject, author, dom_id, opened) VALUES ('Invoice', 4, 0, 1764720000);
INSERT INTO tickets (subject, author, dom_id, opened) VALUES ('Mail bounces', 5, 7, 1764806400);
INSERT INTO tickets (subject, author, dom_id, opened) VALUES ('Cannot log in', 4, 13, 1764892800);
INSERT INTO tickets (id, subject, author, dom_id, opened) VALUES (5, 'Thanks', NULL, 18, 1764979200);
INSERT INTO messages (ticket_id, customer_id, text, written) VALUES (1, 3, 'Since Monday.', 1764633600);
INSERT INTO messages (ticket_id, customer_id, text, written) VALUES (1, 4, 'Mine too; 5 of 7 requests.', 1764640000);
INSERT INTO messages (ticket_id, customer_id, text, written) VALUES (2, 4, 'Which VAT number?', 1764720000);
INSERT INTO messages (ticket_id, customer_id, text, written) VALUES (3, 5, 'See attachment', 1764806400);
INSERT INTO messages (ticket_id, customer_id, text, written) VALUES (5, 1, 'You are welcome', 1764979200);
INSERT INTO ratings VALUES (1, 5);
INSERT INTO ratings VALUES (3, 2);
