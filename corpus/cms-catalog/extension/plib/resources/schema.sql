-- Tables of the catalogue. Statements are separated by semicolons: see Db::install().
CREATE TABLE IF NOT EXISTS domains (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    plesk_domain_id INTEGER NOT NULL UNIQUE,
    scanned_at      DATETIME
);

CREATE TABLE IF NOT EXISTS installations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id   INTEGER NOT NULL,
    path        VARCHAR(1024) NOT NULL,
    path_id     CHAR(32) NOT NULL,
    product     VARCHAR(64) NOT NULL,
    version     VARCHAR(32),
    FOREIGN KEY (domain_id) REFERENCES domains (id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE UNIQUE INDEX IF NOT EXISTS installations_path ON installations (path_id);

CREATE TABLE IF NOT EXISTS plugins (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    installation_id INTEGER NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    plugin_id       VARCHAR(64) NOT NULL, -- the name that the plugin has in its directory
    version         VARCHAR(32)
);
