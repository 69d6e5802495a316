<?php

class Modules_Nameplates_Plates
{
    public function tables(PDO $db)
    {
        $db->exec('CREATE TABLE metals (plan_name TEXT PRIMARY KEY, metal TEXT NOT NULL)');
        $db->exec('CREATE TABLE doors (id INTEGER PRIMARY KEY, alias_guid TEXT NOT NULL, metal TEXT NOT NULL)');
        $db->exec('CREATE TABLE lists (plan_uuid TEXT PRIMARY KEY, plan_name TEXT NOT NULL)');
    }

    public function engrave(pm_Client $client, pm_Plan $plan)
    {
        pm_Settings::set('font-' . $client->getProperty('pname'), 'serif');
        $file = pm_Context::getVarDir() . 'plans/' . $plan->getName() . '.json';
        file_put_contents($file, '{}');
        $client->setSetting('font', 'serif');
        $client->setSetting('plate', $client->getProperty('pname'));
    }

    public function door(pm_Domain $domain, pm_DomainAlias $alias)
    {
        $key = 'door-' . $alias->getDomain()->getGuid();
        pm_Settings::set($key, 'oak');
        pm_Settings::set('arch-' . $domain->getDisplayName(), 'round');
        pm_Settings::set('lintel-' . $alias->getName(), 'stone');
        pm_Settings::set('sill-' . $domain->getGuid() . '-' . $domain->getDisplayName(), 'stone');
    }
}
