<?php

class Modules_Weaver_Table_Cloths extends Zend_Db_Table_Abstract
{
    protected $_name = 'cloths';
    protected $_primary = 'cloth_id';

    public function findByField($field, $value)
    {
        return $this->fetchAll($this->select()->where($this->getAdapter()->quoteIdentifier($field) . ' = ?', $value));
    }
}
