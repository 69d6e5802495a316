<?php

class Modules_Drydock_Database
{
    private const TABLES = [
        'hulls' => [
            'id' => 'INTEGER PRIMARY KEY AUTOINCREMENT',
            'site' => 'INTEGER NOT NULL',
            'planks' => 'INTEGER NOT NULL',
        ],
        'crew' => [
            'hull' => 'INTEGER NOT NULL',
            'person' => 'INTEGER NOT NULL',
            'rank' => 'INTEGER NOT NULL',
        ],
    ];

    /** What a form's fields take, which is no table. */
    private const FIELDS = [
        'orders' => ['domain_id' => 'integer', 'note' => 'text'],
    ];

    public static function open(): PDO
    {
        $pdo = new PDO('sqlite:' . pm_Context::getVarDir() . '/drydock.db');
        foreach (self::TABLES as $table => $columns) {
            $parts = [];
            foreach ($columns as $name => $type) {
                $parts[] = "$name $type";
            }
            $pdo->exec("CREATE TABLE IF NOT EXISTS $table (" . implode(', ', $parts) . ')');
        }
        $pdo->exec('CREATE TABLE IF NOT EXISTS sites (site_id INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT NOT NULL)');
        $pdo->exec('CREATE TABLE IF NOT EXISTS samples (site_id INTEGER NOT NULL REFERENCES sites (site_id), value REAL)');
        $pdo->exec('CREATE TABLE IF NOT EXISTS moorings (domain_id INTEGER PRIMARY KEY, value REAL)');
        $pdo->exec('CREATE TABLE IF NOT EXISTS templates (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)');
        $pdo->exec('CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY, webspace INTEGER, print TEXT, client_id TEXT)');
        $pdo->exec('CREATE TABLE IF NOT EXISTS grants (hull INTEGER, grantee INTEGER, day INTEGER)');
        $pdo->exec('CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, domain_id INTEGER, state TEXT)');
        return $pdo;
    }

    public static function fields(): array
    {
        return self::FIELDS;
    }
}
