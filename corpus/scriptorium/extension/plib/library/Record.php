<?php

abstract class Modules_Scriptorium_Record
{
    protected static $table;

    protected $values = [];

    public function __construct(array $values = [])
    {
        $this->values = $values;
    }

    public function __get($name)
    {
        return isset($this->values[$name]) ? $this->values[$name] : null;
    }

    public function __set($name, $value)
    {
        $this->values[$name] = $value;
    }

    public function keep()
    {
        $db = new Zend_Db_Adapter_Pdo_Sqlite(['dbname' => pm_Context::getVarDir() . 'scriptorium.db']);
        if ($this->id) {
            $db->update(static::$table, $this->values, $db->quoteInto('id = ?', $this->id));
        } else {
            $db->insert(static::$table, $this->values);
        }
    }
}
