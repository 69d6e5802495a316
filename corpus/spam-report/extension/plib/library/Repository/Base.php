<?php

abstract class Modules_SpamReport_Repository_Base
{
    /** @var Zend_Db_Adapter_Abstract */
    protected $_adapter;
    protected $_table;

    public function __construct(Zend_Db_Adapter_Abstract $adapter)
    {
        $this->_adapter = $adapter;
    }

    public function create(array $data)
    {
        $this->_adapter->insert($this->_table, $data);
        return (int)$this->_adapter->lastInsertId();
    }

    public function modify($id, array $data)
    {
        return $this->_adapter->update($this->_table, $data, $this->_adapter->quoteInto('id = ?', $id));
    }
}
