<?php

class Modules_Strongbox_Backup_Client extends pm_Hook_Backup_Client
{
    public function backup(pm_Client $client)
    {
        return [$client->getLogin(), ['clients/' . $client->getLogin()], []];
    }

    public function postBackup()
    {
        pm_Settings::set('last_backup', date('c'));
    }
}
