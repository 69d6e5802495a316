-- Four kinds of objects, two of them without GUIDs; zeros and NULLs that mean no object; one number that means different objects in different columns.
CREATE TABLE advice (
    id              INTEGER PRIMARY KEY,
    webspace_id     INTEGER,
    plan_id         INTEGER NOT NULL DEFAULT 0,
    better          INTEGER,
    given_at        TEXT NOT NULL
);
CREATE TABLE alias_traffic (
    alias_id        INTEGER NOT NULL,
    month           TEXT NOT NULL,
    bytes           INTEGER NOT NULL,
    PRIMARY KEY (alias_id, month)
);
CREATE TABLE box_sizes (
    mailId          TEXT NOT NULL UNIQUE,
    bytes           INTEGER NOT NULL
);
CREATE TABLE prices (
    price_list_id   INTEGER PRIMARY KEY,
    package_id      TEXT NOT NULL
);
INSERT INTO advice VALUES (1, 5, 1, 2, '2025-12-01T04:00:00+00:00');
INSERT INTO advice VALUES (2, 7, 2, NULL, '2025-12-01T04:00:01+00:00');
INSERT INTO advice VALUES (3, 8, 0, 1, '2025-12-01T04:00:02+00:00');
INSERT INTO advice VALUES (4, NULL, 3, 0, '2025-12-01T04:00:03+00:00');
-- The site is gone, the advice stays.
INSERT INTO advice VALUES (5, 13, 1, 3, '2025-12-01T04:00:04+00:00');
INSERT INTO alias_traffic VALUES (1, '2025-10', 100);
INSERT INTO alias_traffic VALUES (1, '2025-11', 110);
INSERT INTO alias_traffic VALUES (2, '2025-10', 200);
INSERT INTO alias_traffic VALUES (2, '2025-11', 220);
INSERT INTO alias_traffic VALUES (3, '2025-11', 330);
INSERT INTO box_sizes VALUES ('1', 4096);
INSERT INTO box_sizes VALUES ('2', 8192);
INSERT INTO box_sizes VALUES ('3', 16384);
INSERT INTO box_sizes VALUES ('4', 32768);
INSERT INTO prices VALUES (1, 'basic');
INSERT INTO prices VALUES (2, '1');
