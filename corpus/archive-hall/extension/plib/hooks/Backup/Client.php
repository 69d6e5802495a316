<?php

class Modules_ArchiveHall_Backup_Client extends pm_Hook_Backup_Client
{
    public function backup(pm_Client $client)
    {
        $config = json_encode(['login' => $client->getLogin(), 'guid' => $client->getGuid(), 'seats' => 4]);
        return [$config, [], []];
    }

    public function restore(pm_Client $client, $pleskVersion, $extVersion, $config, $contentDir)
    {
        pm_Settings::set('restored-' . $client->getLogin(), $extVersion);
    }
}
