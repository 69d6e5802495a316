-- One site was made anew under the name of an old one: it is another site, and nobody may be taken for it. Nothing may be written.
CREATE TABLE pushed (domainId INTEGER PRIMARY KEY, remote_id TEXT NOT NULL, etag TEXT);
INSERT INTO pushed VALUES (5, 'r-1', 'a1');
INSERT INTO pushed VALUES (7, 'r-2', NULL);
INSERT INTO pushed VALUES (14, 'r-3', 'c3');
