<?php

class Modules_Windlass_Backup_Client extends pm_Hook_Backup_Client
{
    public function backup(pm_Client $client)
    {
        $all = ['login' => $client->getLogin(), 'ropes' => []];
        foreach (pm_Domain::getDomainsByClient($client) as $domain) {
            $all['ropes'][$domain->getName()][] = ['site' => $domain->getId(), 'length' => 20];
        }
        return [json_encode($all), [], []];
    }
}
