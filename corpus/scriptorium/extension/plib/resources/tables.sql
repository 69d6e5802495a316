CREATE TABLE scrolls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject INTEGER,
    scribe INTEGER,
    length INTEGER
);

CREATE TABLE inks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT,
    scribe INTEGER,
    colour TEXT
);
