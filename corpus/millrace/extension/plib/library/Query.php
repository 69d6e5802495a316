<?php
class Modules_Millrace_Query
{
    private $where = [];
    private $values = [];

    private function __construct(private PDO $pdo, private string $table)
    {
    }

    public static function on($table)
    {
        return new self(new PDO('sqlite:' . pm_Context::getVarDir() . 'mill.db'), $table);
    }

    public function where($column, $value)
    {
        $this->where[] = "$column = ?";
        $this->values[] = $value;
        return $this;
    }

    public function first()
    {
        $select = $this->pdo->prepare("SELECT * FROM {$this->table} WHERE " . implode(' AND ', $this->where));
        $select->execute($this->values);
        return $select->fetch(PDO::FETCH_ASSOC);
    }

    public function insert(array $row)
    {
        $names = implode(', ', array_keys($row));
        $marks = implode(', ', array_fill(0, count($row), '?'));
        $this->pdo->prepare("INSERT INTO {$this->table} ($names) VALUES ($marks)")->execute(array_values($row));
    }
}
