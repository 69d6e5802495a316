<?php

class Modules_ArchiveHall_Shelves
{
    public static function db()
    {
        $db = new PDO('sqlite:' . pm_Context::getVarDir() . 'hall.db');
        $db->exec('CREATE TABLE IF NOT EXISTS shelves (label TEXT PRIMARY KEY, reader INTEGER, room TEXT)');
        return $db;
    }

    public static function lend($label, pm_Client $client)
    {
        $insert = self::db()->prepare('INSERT INTO shelves (label, reader, room) VALUES (?, ?, ?)');
        $insert->execute([$label, $client->getId(), 'north']);
    }

    public static function all()
    {
        return self::db()->query('SELECT label, reader FROM shelves')->fetchAll(PDO::FETCH_ASSOC);
    }
}
