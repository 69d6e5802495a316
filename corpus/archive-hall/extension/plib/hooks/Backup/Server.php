<?php

class Modules_ArchiveHall_Backup_Server extends pm_Hook_Backup_Server
{
    public function backup()
    {
        $config = ['shelves' => Modules_ArchiveHall_Shelves::all(), 'made' => date('c')];
        return [serialize($config), [], []];
    }

    public function restore($pleskVersion, $extVersion, $config, $contentDir)
    {
        foreach (unserialize($config)['shelves'] as $shelf) {
            $client = pm_Client::getByClientId($shelf['reader']);
            Modules_ArchiveHall_Shelves::lend($shelf['label'], $client);
        }
    }

    public function getExcludedSettings()
    {
        return ['restored-'];
    }
}
