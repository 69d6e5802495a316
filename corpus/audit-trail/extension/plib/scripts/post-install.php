<?php

pm_Context::init('audit-trail');

$statements = [
    'CREATE TABLE IF NOT EXISTS entries (
        entry_id    INTEGER PRIMARY KEY AUTOINCREMENT,
        customer_id INTEGER,
        action      VARCHAR(80) NOT NULL,
        machine_id  VARCHAR(64),
        request_id  VARCHAR(64),
        created     INTEGER NOT NULL
    )',
    'CREATE TABLE IF NOT EXISTS watched (
        dom_id      INTEGER,
        domain_name VARCHAR(255),
        since       INTEGER
    )',
    'CREATE TABLE IF NOT EXISTS exports (
        export_id  VARCHAR(36) PRIMARY KEY,
        vendor_id  VARCHAR(36),
        user_id    VARCHAR(80),
        entry_id   INTEGER REFERENCES entries (entry_id)
    )',
    'CREATE INDEX IF NOT EXISTS entries_created ON entries (created)',
];

$pdo = new PDO('sqlite:' . pm_Context::getVarDir() . 'audit.sqlite');
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
foreach ($statements as $statement) {
    $pdo->exec($statement);
}
