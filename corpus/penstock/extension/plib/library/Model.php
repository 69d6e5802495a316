<?php

abstract class Modules_Penstock_Model
{
    protected static $table = '';
    protected static $columns = [];
    protected $values = [];

    public static function create()
    {
        $columns = [];
        foreach (static::$columns as $name => $type) {
            $columns[] = "$name $type";
        }
        Modules_Penstock_Db_Link::pdo()->exec('CREATE TABLE IF NOT EXISTS ' . static::$table . ' (' . implode(', ', $columns) . ')');
    }

    public function __get($name)
    {
        return $this->values[$name] ?? null;
    }

    public function __set($name, $value)
    {
        $this->values[$name] = $value;
    }

    public function save()
    {
        $values = array_intersect_key($this->values, static::$columns);
        $names = array_keys($values);
        $sql = 'INSERT INTO ' . static::$table . ' (' . implode(', ', $names) . ') VALUES (:' . implode(', :', $names) . ')';
        Modules_Penstock_Db_Link::pdo()->prepare($sql)->execute($values);
    }
}
