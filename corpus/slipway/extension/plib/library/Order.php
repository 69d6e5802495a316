<?php

class Modules_Slipway_Order
{
    private $table;
    private $cells = [];

    public static function on($table)
    {
        $order = new self();
        $order->table = $table;
        return $order;
    }

    public function cell($name, $value)
    {
        $this->cells[$name] = $value;
        return $this;
    }

    public function write(PDO $pdo)
    {
        $names = array_keys($this->cells);
        $marks = implode(',', array_fill(0, count($names), '?'));
        $pdo->prepare("INSERT INTO {$this->table} (" . implode(',', $names) . ") VALUES ($marks)")->execute(array_values($this->cells));
    }
}
