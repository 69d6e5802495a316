<?php

class Modules_BondedStore_Backup_Transport extends pm_Hook_Backup_Transport
{
    private $shed;

    private $seal;

    public function init($objectType, $objectId)
    {
        parent::init($objectType, $objectId);
        $this->shed = new Modules_BondedStore_Shed($objectType, $objectId);
        $this->seal = 'seal-' . $objectType . '-' . $objectId;
    }

    public function isConfigured()
    {
        return pm_Settings::get($this->seal) !== null;
    }

    public function stat($path)
    {
        return $this->shed->look($path);
    }

    public function listDir($path)
    {
        return $this->shed->all($path);
    }

    public function deleteFile($path)
    {
        $this->shed->drop($path);
    }

    public function openFileRead($path, $offset)
    {
        return $this->shed->open($path, $offset);
    }

    public function readFile($fd, $localFile, $size = null)
    {
        return $this->shed->read($fd, $localFile, $size);
    }

    public function openFileWrite($path)
    {
        file_put_contents(pm_Context::getVarDir() . 'open-' . $this->_objectId, $path);
        return $this->shed->open($path, 0);
    }

    public function appendFile($fd, $localFile)
    {
        return $this->shed->append($fd, $localFile);
    }

    public function getSettingsSubForm()
    {
        pm_Log::info('the form of object ' . $this->_objectId . ' is shown');
        return new Modules_BondedStore_Form(['action' => '/modules/bonded-store/index/form/id/' . $this->_objectId]);
    }
}
