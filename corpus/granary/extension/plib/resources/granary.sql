CREATE TABLE IF NOT EXISTS sacks (
    id INTEGER PRIMARY KEY,
    belongs INTEGER,
    grain TEXT
);
CREATE TABLE IF NOT EXISTS mice (
    id INTEGER PRIMARY KEY,
    sack INTEGER REFERENCES sacks (id),
    seen_by INTEGER,
    tail INTEGER
);
