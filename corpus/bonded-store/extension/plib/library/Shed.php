<?php

class Modules_BondedStore_Shed
{
    private $row;

    private $owner;

    private $remote;

    public function __construct($type, $id)
    {
        $this->row = $id;
        $this->owner = $type === 'subscription' ? new pm_Domain($id) : pm_Client::getByClientId($id);
        $this->remote = new Modules_BondedStore_Remote();
    }

    public function look($path)
    {
        return $this->remote->head('sheds/' . $this->row . '/' . $path);
    }

    public function all($path)
    {
        return $this->remote->list('sheds/' . $this->owner->getProperty('guid') . '/' . $path);
    }

    public function key()
    {
        return $this->owner->getSetting('key');
    }
}
