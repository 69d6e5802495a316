<?php

class Modules_Penstock_Db_Link
{
    private static $pdo;

    public static function pdo(): PDO
    {
        return self::$pdo ??= new PDO('sqlite:' . pm_Context::getVarDir() . 'penstock.sqlite');
    }

    public static function table(string $name): Modules_Penstock_Db_Query
    {
        return new Modules_Penstock_Db_Query(self::pdo(), $name);
    }

    public static function install()
    {
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS cases (id INTEGER PRIMARY KEY, whose INTEGER, subject TEXT)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS steps (id INTEGER PRIMARY KEY, subscription_id INTEGER, done TEXT)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS subscribers (id INTEGER PRIMARY KEY, address TEXT)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS seats (place INTEGER, label TEXT)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS benches (place INTEGER, label TEXT)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS loads (kind TEXT, place INTEGER, weight INTEGER)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS spills (kind TEXT, place INTEGER, weight INTEGER)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS drops (place INTEGER, label TEXT)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS locks (reach INTEGER, width INTEGER)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS keepers (account INTEGER, width INTEGER)');
        self::pdo()->exec('CREATE TABLE IF NOT EXISTS gauges (spot INTEGER, title TEXT)');
    }
}
