<?php

class Modules_Quayside_Backup_Domain extends pm_Hook_Backup_Domain
{
    public function backup($domain)
    {
        return json_encode(['berth' => $domain->getId(), 'name' => $domain->getName()]);
    }

    public function restore($domain, $pleskVersion, $extVersion, $config, $contentDir)
    {
        pm_Settings::set('name', json_decode($config, true)['name']);
    }
}
