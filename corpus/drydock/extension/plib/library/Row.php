<?php

abstract class Modules_Drydock_Row
{
    protected static $table = '';
    protected $values = [];

    public function __construct(array $values = [])
    {
        $this->values = $values;
    }

    public function __get($name)
    {
        return $this->values[$name] ?? null;
    }

    public function __set($name, $value)
    {
        $this->values[$name] = $value;
    }

    public static function create(array $values)
    {
        $row = new static($values);
        $row->save();
        return $row;
    }

    public function save()
    {
        $names = array_keys($this->values);
        $sql = 'INSERT INTO ' . static::$table . ' (' . implode(', ', $names) . ') VALUES (:' . implode(', :', $names) . ')';
        Modules_Drydock_Database::open()->prepare($sql)->execute($this->values);
    }
}
