<?php

class Modules_Lodestar_Backup_Client extends pm_Hook_Backup_Client
{
    public function backup(pm_Client $client)
    {
        return ['', [], ['cache/' . $client->getLogin()]];
    }
}
