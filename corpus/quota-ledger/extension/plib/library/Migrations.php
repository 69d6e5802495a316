<?php

/**
 * Brings the database to the version of the code. Early versions are files, later ones are described below.
 */
class Modules_QuotaLedger_Migrations
{
    /** Columns that later versions brought: table => column => definition. */
    private static $columns = [
        '1.2.0' => [
            'usage' => [
                'files' => 'INTEGER NOT NULL DEFAULT 0',
                'resellerId' => 'INTEGER DEFAULT NULL',
            ],
        ],
    ];

    private $pdo;

    public function __construct(PDO $pdo)
    {
        $this->pdo = $pdo;
    }

    public function run($from)
    {
        foreach (glob(pm_Context::getPlibDir() . 'resources/migrations/*.sql') as $file) {
            $version = basename($file, '.sql');
            if (version_compare($version, $from, '>')) {
                $this->pdo->exec(file_get_contents($file));
            }
        }
        foreach (self::$columns as $version => $tables) {
            if (version_compare($version, $from, '<=')) {
                continue;
            }
            foreach ($tables as $table => $columns) {
                foreach ($columns as $column => $definition) {
                    $this->pdo->exec('ALTER TABLE ' . $table . ' ADD COLUMN ' . $column . ' ' . $definition);
                }
            }
        }
    }
}
