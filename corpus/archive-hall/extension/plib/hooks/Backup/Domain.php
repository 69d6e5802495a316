<?php

class Modules_ArchiveHall_Backup_Domain extends pm_Hook_Backup_Domain
{
    public function backup(pm_Domain $domain)
    {
        $items = [];
        foreach (pm_Domain::getDomainsByClient($domain->getClient()) as $other) {
            $items[] = ['domain_id' => $other->getId(), 'name' => $other->getName()];
        }
        return [json_encode(['items' => $items, 'guid' => $domain->getGuid()]), ['hall/' . $domain->getName()], []];
    }

    public function restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir)
    {
        $config = json_decode($config, true);
        pm_Log::info('archive-hall: ' . count($config['items']));
    }
}
