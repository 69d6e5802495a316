<?php

class Modules_Sample_Store
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = new PDO('sqlite:' . pm_Context::getVarDir() . '/data.db');
        $this->pdo->exec("CREATE TABLE IF NOT EXISTS apps (
            id INTEGER PRIMARY KEY,
            domain_id INTEGER NOT NULL
        )");
    }

    public function add(pm_Domain $domain, array $app)
    {
        $statement = $this->pdo->prepare('INSERT INTO apps (domain_id, name) VALUES (:domain, :name)');
        $statement->bindValue(':domain', $domain->getId(), PDO::PARAM_INT);
        $statement->bindParam(':name', $app['name']);
        return $statement->execute() && $this->pdo->lastInsertId() > 0;
    }

    public function forDomain($id)
    {
        $statement = $this->pdo->prepare("SELECT * FROM apps WHERE domain_id = ?");
        $statement->execute(array((int)$id));
        return array_map('intval', array_column($statement->fetchAll(), 'id'));
    }
}
