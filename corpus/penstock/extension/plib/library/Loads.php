<?php

class Modules_Penstock_Loads
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = Modules_Penstock_Db_Link::pdo();
    }

    public function store()
    {
        $marks = [];
        $values = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $marks[] = '(?, ?, ?)';
            array_push($values, 'water', $domain->getId(), 7);
        }
        $this->pdo->prepare('INSERT INTO loads (kind, place, weight) VALUES ' . implode(', ', $marks))->execute($values);
    }

    public function spill(pm_Domain $domain)
    {
        $values = [];
        $values[] = 'oil';
        $values[] = $domain->getId();
        $values[] = strlen($domain->getName());
        $this->pdo->prepare('INSERT INTO spills (kind, place, weight) VALUES (?, ?, ?)')->execute($values);
    }

    public function drop(pm_Domain $domain)
    {
        $statement = $this->pdo->prepare('INSERT INTO drops (place, label) VALUES (?, ?)');
        foreach ([$domain->getId(), $domain->getName()] as $i => $value) {
            $statement->bindValue($i + 1, $value);
        }
        $statement->execute();
    }
}
