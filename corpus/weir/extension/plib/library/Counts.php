<?php
class Modules_Weir_Counts
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = Modules_Weir_Schema::make();
        $this->pdo->exec('CREATE TABLE herons (nest INTEGER, call TEXT)');
        $this->pdo->exec('CREATE TABLE eels (nest INTEGER, call TEXT)');
        $this->pdo->exec('CREATE TABLE newts (nest INTEGER, call TEXT)');
        $this->pdo->exec('CREATE TABLE toads (nest INTEGER, call TEXT)');
        $this->pdo->exec('CREATE TABLE frogs (nest INTEGER, call TEXT)');
    }

    public function herons()
    {
        foreach ($this->pdo->query('SELECT nest FROM herons')->fetchAll(PDO::FETCH_COLUMN) as $id) {
            yield new pm_Domain($id);
        }
    }

    public function eels()
    {
        foreach ($this->pdo->query('SELECT nest, call FROM eels')->fetchAll(PDO::FETCH_KEY_PAIR) as $id => $call) {
            yield $call => new pm_Domain($id);
        }
    }

    public function newts()
    {
        foreach ($this->pdo->query('SELECT call, nest FROM newts') as [$call, $id]) {
            yield $call => new pm_Domain($id);
        }
    }

    public function toads()
    {
        [$call, $id] = $this->pdo->query('SELECT call, nest FROM toads')->fetch(PDO::FETCH_NUM);
        return new pm_Domain($id);
    }

    public function frogs()
    {
        $number = $this->pdo->query('SELECT COUNT(*), nest FROM frogs')->fetchColumn();
        return pm_Domain::getByDomainId($number);
    }
}

class Modules_Weir_Runner
{
    public function trap(pm_Domain $domain)
    {
        $this->run('INSERT INTO traps (word, place) VALUES (?, ?)', 'eel', $domain->getId());
    }

    private function run(string $sql, ...$values)
    {
        $statement = Modules_Weir_Schema::make()->prepare($sql);
        $statement->execute($values);
        return $statement;
    }
}

class Modules_Weir_Nets
{
    public function cast(pm_Domain $domain, $mode)
    {
        $values = [$domain->getId(), 'wide'];
        return $this->db->fetchAll('SELECT word FROM traps WHERE place = ? AND word = ?', $values, $mode);
    }
}
