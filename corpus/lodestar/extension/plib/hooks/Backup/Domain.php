<?php

class Modules_Lodestar_Backup_Domain extends pm_Hook_Backup_Domain
{
    public function backup(pm_Domain $domain)
    {
        $paths = ['stars/./..stars', 'stars/../' . $domain->getName()];
        return [json_encode(['colour' => $domain->getSetting('colour'), 'guid' => $domain->getGuid()]), $paths, ['cache']];
    }

    public function restore(pm_Domain $site, $plesk_version, $ext_version, $payload, $folder, $more = null)
    {
        $data = json_decode($payload, true);
        $old = pm_Domain::getByGuid($data['guid']);
        $ids = [$data['colour'] => $site->getId()];
        $same = new pm_Domain($ids[$data['colour']]);
        $same->setSetting('colour', $old->getId() === $site->getId() ? $data['colour'] : '');
    }
}
