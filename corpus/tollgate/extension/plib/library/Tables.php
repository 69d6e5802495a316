<?php

class Modules_Tollgate_Tables
{
    public static function create(PDO $db)
    {
        $db->exec('CREATE TABLE IF NOT EXISTS domains (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, guid TEXT)');
        $db->exec('CREATE TABLE IF NOT EXISTS tolls (id INTEGER PRIMARY KEY, domain_id INTEGER REFERENCES domains(id), cents INTEGER)');
    }

    public static function add(PDO $db, pm_Domain $domain)
    {
        $db->prepare('INSERT INTO domains (name, guid) VALUES (?, ?)')->execute([$domain->getName(), $domain->getGuid()]);
        return $db->lastInsertId();
    }

    public static function close($domainId, pm_Client $client)
    {
        pm_Settings::set('closed-' . $domainId, 1);
        pm_Settings::set('closed-by', $client->getId());
    }
}
