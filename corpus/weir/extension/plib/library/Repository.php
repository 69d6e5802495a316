<?php
abstract class Modules_Weir_Repository
{
    protected string $table;

    public function __construct(protected PDO $pdo)
    {
    }

    protected function add(array $row)
    {
        $columns = implode(', ', array_keys($row));
        $marks = rtrim(str_repeat('?, ', count($row)), ', ');
        $this->pdo->prepare("INSERT INTO {$this->table} ($columns) VALUES ($marks)")->execute(array_values($row));
    }

    protected function put(array $row)
    {
        $columns = implode(', ', array_keys($row));
        $marks = ':' . implode(', :', array_keys($row));
        $statement = $this->pdo->prepare("REPLACE INTO {$this->table} ($columns) VALUES ($marks)");
        foreach ($row as $column => $value) {
            $statement->bindValue(":$column", $value);
        }
        $statement->execute();
    }
}
