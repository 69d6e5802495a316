<?php

class Modules_Chimney_Gateway
{
    private $adapter;

    public function __construct(Zend_Db_Adapter_Abstract $adapter)
    {
        $this->adapter = $adapter;
    }

    public function brush(array $ids, array $guids)
    {
        $this->adapter->delete('sparks', ['domain_id NOT IN (?)' => $ids]);
        $this->adapter->delete('ash', ['domain_guid NOT IN (?)' => $guids]);
        $this->adapter->delete('sparks', ['domain_id NOT IN (0)']);
    }
}
