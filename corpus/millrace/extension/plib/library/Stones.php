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

    public function turn(PDO $db, pm_Domain $domain, $verb = 'INSERT')
    {
        $db->prepare("$verb INTO turned_stones (site, day) VALUES (?, ?)")->execute([$domain->getId(), date('Y-m-d')]);
        $sql = sprintf('%s INTO worn (day, site) VALUES (%s)', $verb, '?, ?');
        $db->prepare($sql)->execute([date('Y-m-d'), $domain->getId()]);
        pm_Log::info($verb . ' into the race: ' . $domain->getId());
    }
}
