<?php

class Modules_Lodestar_Backup_Transport extends pm_Hook_Backup_Transport
{
    private $store;

    public function init($objectType, $objectId)
    {
        parent::init($objectType, $objectId);
        $this->store = new Modules_Lodestar_Store();
    }

    public function isConfigured()
    {
        return $this->store->isConfigured();
    }

    public function stat($path)
    {
        return $this->store->stat($path);
    }

    public function listDir($path)
    {
        return $this->store->all($path);
    }

    public function deleteFile($path)
    {
        $this->store->delete($path);
    }

    public function openFileRead($path, $offset)
    {
        return $this->store->reader($path, $offset);
    }

    public function readFile($fd, $localFile, $size = null)
    {
        return $this->store->read($fd, $localFile, $size);
    }

    public function openFileWrite($path)
    {
        return $this->store->writer($path);
    }

    public function appendFile($fd, $localFile)
    {
        return $this->store->append($fd, $localFile);
    }

    public function getSettingsSubForm()
    {
        return new Modules_Lodestar_Form();
    }
}
