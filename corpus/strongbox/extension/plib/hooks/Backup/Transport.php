<?php

class Modules_Strongbox_Backup_Transport extends pm_Hook_Backup_Transport
{
    private $folder;

    public function init($objectType, $objectId)
    {
        $this->folder = '/mnt/strongbox/' . $objectType;
    }

    public function isConfigured()
    {
        return is_dir($this->folder);
    }
}
