<?php

class Modules_Penstock_Db_Query
{
    private $pdo;
    private $table;

    public function __construct(PDO $pdo, $table)
    {
        $this->pdo = $pdo;
        $this->table = $table;
    }

    public function insert(array $row)
    {
        $marks = implode(', ', array_fill(0, count($row), '?'));
        $statement = $this->pdo->prepare("INSERT INTO {$this->table} (" . implode(', ', array_keys($row)) . ") VALUES ($marks)");
        $statement->execute(array_values($row));
    }
}
