<?php

class Modules_Strongbox_Backup_Server extends pm_Hook_Backup_Server
{
    public function backup()
    {
        $boxes = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $boxes[] = ['number' => $domain->getId(), 'label' => $domain->getSetting('box')];
        }
        $paths = ['boxes', '/etc/strongbox/strongbox.conf'];
        return [json_encode($boxes), $paths, [pm_Context::getVarDir() . 'cache']];
    }

    public function restore($pleskVersion, $extVersion, $config, $contentDir)
    {
        foreach (json_decode($config, true) as $box) {
            (new pm_Domain($box['number']))->setSetting('box', $box['label']);
        }
    }
}
