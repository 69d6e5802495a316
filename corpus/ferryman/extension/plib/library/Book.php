<?php

class Modules_Ferryman_Book
{
    private static $db;

    private static function db()
    {
        if (!self::$db) {
            self::$db = new PDO('sqlite:' . pm_Context::getVarDir() . 'book.db');
            self::$db->exec('CREATE TABLE IF NOT EXISTS passengers (client_id INTEGER, login TEXT, domain_id INTEGER)');
            self::$db->exec('CREATE TABLE IF NOT EXISTS berths (domain_id INTEGER, deck TEXT)');
            self::$db->exec('CREATE TABLE IF NOT EXISTS cabins (domain_id TEXT, deck TEXT)');
        }
        return self::$db;
    }

    public static function refresh()
    {
        $statement = self::db()->prepare('INSERT INTO passengers (client_id, login, domain_id) VALUES (:client_id, :login, :domain_id)');
        foreach (Modules_Ferryman_Company::passengers() as $clientId => $row) {
            $statement->execute($row);
            pm_Settings::set('seen-' . $clientId, time());
        }
        foreach (Modules_Ferryman_Company::ports()->port as $port) {
            $domainId = (int)$port->site->number;
            pm_Settings::set('port', json_encode(['at' => $domainId]));
        }
    }

    public static function berth($domainId, $deck)
    {
        self::db()->prepare('INSERT INTO berths (domain_id, deck) VALUES (?, ?)')->execute([$domainId, $deck]);
    }

    public static function name($guid)
    {
        return pm_Domain::getByGuid($guid)->getName() . ' ' . pm_Client::getByLogin('captain')->getLogin();
    }
}
