<?php

abstract class Modules_Penstock_Mapper
{
    protected $db;

    public function __construct($db)
    {
        $this->db = $db;
    }

    abstract protected function table();

    abstract protected function build(array $row);

    public function find($number)
    {
        return $this->build($this->db->fetchRow($this->db->select()->from($this->table())->where('rowid = ?', $number)));
    }

    public function all()
    {
        $statement = Modules_Penstock_Db_Link::pdo()->query('SELECT * FROM ' . $this->table());
        return array_map([$this, 'build'], $statement->fetchAll(PDO::FETCH_ASSOC));
    }
}
