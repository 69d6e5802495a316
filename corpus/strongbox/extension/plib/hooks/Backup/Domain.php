<?php

class Modules_Strongbox_Backup_Domain extends pm_Hook_Backup_Domain
{
    public function backup(pm_Domain $domain)
    {
        return [json_encode(['note' => $domain->getSetting('note')]), ['../shared/' . $domain->getName()], []];
    }

    public function restore(pm_Domain $domain, $idMapping, $pleskVersion, $extVersion, $config, $contentDir)
    {
        $domain->setSetting('note', json_decode($config, true)['note']);
    }
}
