-- UNIQUE over the id, a child that follows by ON UPDATE CASCADE, and names beside the ids.
PRAGMA foreign_keys = ON;
CREATE TABLE certificates (
    domain_id    INTEGER NOT NULL,
    domain_name  TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    issuer       TEXT,
    expires_at   INTEGER NOT NULL,
    seen_at      INTEGER NOT NULL,
    UNIQUE (domain_id)
);
CREATE TABLE reminders (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id    INTEGER NOT NULL REFERENCES certificates (domain_id) ON UPDATE CASCADE ON DELETE CASCADE,
    days_left    INTEGER NOT NULL,
    sent_at      INTEGER NOT NULL,
    recipient    TEXT
);
CREATE INDEX reminders_by_domain ON reminders (domain_id, sent_at);
INSERT INTO certificates VALUES (5, 'alice.example', 'a1f0', 'Letters Trust', 1767225600, 1764547200);
INSERT INTO certificates VALUES (7, 'bob.example', 'b2e1', 'Letters Trust', 1767312000, 1764547201);
INSERT INTO certificates VALUES (8, 'bob-blog.example', 'c3d2', NULL, 1769904000, 1764547202);
INSERT INTO certificates VALUES (9, 'carol.example', 'd4c3', 'Own Root', 1772323200, 1764547203);
INSERT INTO certificates VALUES (10, 'xn--bcher-kva.example', 'e5b4', 'Letters Trust', 1774915200, 1764547204);
INSERT INTO reminders (domain_id, days_left, sent_at, recipient) VALUES (5, 14, 1766016000, 'owner-1@mail.example');
INSERT INTO reminders (domain_id, days_left, sent_at, recipient) VALUES (5, 7, 1766620800, 'owner-1@mail.example');
INSERT INTO reminders (domain_id, days_left, sent_at, recipient) VALUES (7, 14, 1766102400, 'owner-2@mail.example');
INSERT INTO reminders (domain_id, days_left, sent_at, recipient) VALUES (8, 5, 1769472000, NULL);
-- Equal to an id of a domain, and none: how many days are left, and an own key that was deleted.
INSERT INTO reminders (domain_id, days_left, sent_at, recipient) VALUES (7, 5, 1766966400, 'owner-2@mail.example');
DELETE FROM reminders WHERE id = 3;
