<?php
class Modules_Millrace_Stones
{
    public function make(PDO $db)
    {
        $db->exec('CREATE TABLE IF NOT EXISTS stones (id INTEGER PRIMARY KEY, grain TEXT)');
        Modules_Millrace_Migration::addColumns($db, pm_Context::getPlibDir() . 'columns.ini');
    }

    public function set(PDO $db, pm_Client $client)
    {
        $db->prepare('INSERT INTO stones (grain, setter) VALUES (?, ?)')->execute([$client->getLogin(), $client->getId()]);
    }
}
