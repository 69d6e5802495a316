-- Ids as decimal text, as a primary key and in a composite one of a table WITHOUT ROWID.
CREATE TABLE site_state (
    site_id     TEXT NOT NULL PRIMARY KEY,
    up          INTEGER NOT NULL DEFAULT 1,
    since       INTEGER NOT NULL,
    last_code   INTEGER
);
CREATE TABLE answers (
    siteId      TEXT NOT NULL,
    slot        INTEGER NOT NULL,
    millis      REAL,
    PRIMARY KEY (siteId, slot)
) WITHOUT ROWID;
CREATE TABLE report_parts (
    report_id   TEXT NOT NULL,
    chunk_id    INTEGER NOT NULL,
    body        BLOB,
    PRIMARY KEY (report_id, chunk_id)
);
INSERT INTO site_state VALUES ('5', 1, 1764547200, 200);
INSERT INTO site_state VALUES ('7', 0, 1764547500, 503);
INSERT INTO site_state VALUES ('8', 1, 1764547800, NULL);
INSERT INTO site_state VALUES ('9', 1, 1764548100, 301);
-- Renamed since, under the same id; and one whose new id was another's before.
INSERT INTO site_state VALUES ('12', 1, 1764548200, 200);
INSERT INTO site_state VALUES ('18', 0, 1764548300, 404);
-- A word that stands for every site, and no id.
INSERT INTO site_state VALUES ('all', 1, 1764548400, NULL);
INSERT INTO answers VALUES ('5', 5881824, 101.5);
INSERT INTO answers VALUES ('5', 5881825, 99.0);
INSERT INTO answers VALUES ('7', 5881824, NULL);
INSERT INTO answers VALUES ('7', 5881825, 2040.25);
INSERT INTO answers VALUES ('8', 5881824, 5.0);
INSERT INTO answers VALUES ('9', 5881825, 7.0);
INSERT INTO report_parts VALUES ('9e107d9d372bb6826bd81d3542a419d6', 0, x'00ff10');
INSERT INTO report_parts VALUES ('9e107d9d372bb6826bd81d3542a419d6', 1, x'35');
INSERT INTO report_parts VALUES ('9e107d9d372bb6826bd81d3542a419d6', 5, x'37');
