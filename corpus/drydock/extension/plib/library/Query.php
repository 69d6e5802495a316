<?php

/** Query::table('hulls')->insert([…]) */
class Modules_Drydock_Query
{
    private $table;

    public static function table(string $name): self
    {
        $query = new self();
        $query->table = $name;
        return $query;
    }

    public function insert(array $row)
    {
        $names = array_keys($row);
        $sql = sprintf('INSERT INTO %s (%s) VALUES (%s)', $this->table, implode(', ', $names), rtrim(str_repeat('?, ', count($row)), ', '));
        Modules_Drydock_Database::open()->prepare($sql)->execute(array_values($row));
    }

    public function upsert(array $rows, array $unique)
    {
        foreach ($rows as $row) {
            $this->insert($row);
        }
    }
}
