-- Own keys that cover the same numbers as the panel's ids: only plesk_domain_id is to change, and nothing cascades from it.
PRAGMA foreign_keys = ON;
CREATE TABLE domains (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    plesk_domain_id INTEGER NOT NULL UNIQUE,
    scanned_at      DATETIME
);
CREATE TABLE installations (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id   INTEGER NOT NULL,
    path        VARCHAR(1024) NOT NULL,
    path_id     CHAR(32) NOT NULL,
    product     VARCHAR(64) NOT NULL,
    version     VARCHAR(32),
    FOREIGN KEY (domain_id) REFERENCES domains (id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE UNIQUE INDEX installations_path ON installations (path_id);
CREATE TABLE plugins (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    installation_id INTEGER NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    plugin_id       VARCHAR(64) NOT NULL,
    version         VARCHAR(32)
);
INSERT INTO domains (id, plesk_domain_id, scanned_at) VALUES (5, 7, '2025-11-02 03:00:00');
INSERT INTO domains (id, plesk_domain_id, scanned_at) VALUES (7, 5, '2025-11-02 03:01:00');
INSERT INTO domains (id, plesk_domain_id, scanned_at) VALUES (9, 8, NULL);
INSERT INTO domains (id, plesk_domain_id, scanned_at) VALUES (8, 9, '2025-11-02 03:03:00');
INSERT INTO domains (id, plesk_domain_id, scanned_at) VALUES (10, 18, NULL);
INSERT INTO installations (domain_id, path, path_id, product, version) VALUES (5, '/httpdocs', '0b14d501a594442a01c6859541bcb3e8', 'grav', '1.7.48');
INSERT INTO installations (domain_id, path, path_id, product, version) VALUES (5, '/httpdocs/shop', '1f3870be274f6c49b3e31a0c6728957f', 'typo3', NULL);
INSERT INTO installations (domain_id, path, path_id, product, version) VALUES (7, '/httpdocs', '72b302bf297a228a75730123efef7c41', 'typo3', '12.4.2');
INSERT INTO installations (domain_id, path, path_id, product, version) VALUES (8, '/site', 'fe01d67a002dfa0f3ac084298142eccd', 'grav', '1.7.1');
INSERT INTO plugins (installation_id, plugin_id, version) VALUES (1, 'admin', '1.10');
INSERT INTO plugins (installation_id, plugin_id, version) VALUES (2, 'news', '11.4');
INSERT INTO plugins (installation_id, plugin_id, version) VALUES (4, 'form', NULL);
