-- A trigger that writes down every change of an owner, and must not see this one. A composite primary key; a grant for a site that is gone, whose id is
-- another's now, and that one has a grant of the same key.
CREATE TABLE keys (
    fingerprint TEXT PRIMARY KEY,
    owner       INTEGER NOT NULL,
    label       TEXT,
    public_key  TEXT NOT NULL
);
CREATE TABLE grants (
    fingerprint TEXT NOT NULL REFERENCES keys (fingerprint) ON DELETE CASCADE,
    ref         INTEGER NOT NULL,
    until       INTEGER,
    PRIMARY KEY (fingerprint, ref)
);
CREATE TABLE changes (
    fingerprint TEXT,
    owner       TEXT,
    changed_at  TEXT DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO keys VALUES ('SHA256:aaa', 3, 'laptop', 'ssh-ed25519 AAAA1');
INSERT INTO keys VALUES ('SHA256:bbb', 4, NULL, 'ssh-ed25519 AAAA2');
INSERT INTO keys VALUES ('SHA256:ccc', 4, 'office', 'ssh-rsa AAAA3');
INSERT INTO keys VALUES ('SHA256:ddd', 5, '5', 'ssh-ed25519 AAAA4');
INSERT INTO grants VALUES ('SHA256:aaa', 5, NULL);
INSERT INTO grants VALUES ('SHA256:aaa', 7, 1798761600);
INSERT INTO grants VALUES ('SHA256:bbb', 7, NULL);
INSERT INTO grants VALUES ('SHA256:bbb', 5, 1798761601);
INSERT INTO grants VALUES ('SHA256:ddd', 8, 7);
INSERT INTO grants VALUES ('SHA256:ddd', 13, 8);
INSERT INTO grants VALUES ('SHA256:ddd', 18, NULL);
INSERT INTO changes VALUES ('SHA256:aaa', '3', '2025-10-01 08:00:00');
CREATE TRIGGER keys_owner AFTER UPDATE OF owner ON keys BEGIN
    INSERT INTO changes (fingerprint, owner) VALUES (new.fingerprint, new.owner);
END;
