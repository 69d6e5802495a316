<?php

abstract class Modules_Granary_Repository_Abstract
{
    protected $table;
    protected $key = 'id';

    /** @return PDO */
    protected function db()
    {
        static $db;
        if (!$db) {
            $db = new PDO('sqlite:' . pm_Context::getVarDir() . 'granary.db');
            foreach (explode(';', file_get_contents(__DIR__ . '/../../resources/granary.sql')) as $statement) {
                $db->exec($statement);
            }
        }
        return $db;
    }

    public function create(array $data)
    {
        $columns = array_keys($data);
        $sql = sprintf('INSERT INTO %s (%s) VALUES (:%s)', $this->table, implode(', ', $columns), implode(', :', $columns));
        $this->db()->prepare($sql)->execute($data);
        return $this->db()->lastInsertId();
    }

    public function findBy($column, $value)
    {
        $statement = $this->db()->prepare("SELECT * FROM {$this->table} WHERE $column = :value");
        $statement->execute(['value' => $value]);
        return $statement->fetchAll(PDO::FETCH_ASSOC);
    }
}
