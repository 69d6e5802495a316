<?php

class Modules_Windlass_Hauled implements JsonSerializable
{
    private $site;
    private $by;

    public function __construct(pm_Domain $domain, $by)
    {
        $this->site = $domain->getId();
        $this->by = $by;
    }

    public function jsonSerialize(): array
    {
        return ['site' => $this->site, 'by' => $this->by, 'weight' => 12];
    }
}

class Modules_Windlass_Lowered implements JsonSerializable
{
    private $rope;

    public function __construct($rope)
    {
        $this->rope = $rope;
    }

    public function jsonSerialize(): array
    {
        return ['rope' => $this->rope];
    }
}

class Modules_Windlass_Events
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = new PDO('sqlite:' . pm_Context::getVarDir() . 'windlass.db');
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, payload TEXT)');
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS turns (hauler INT, amount INT, rope TEXT)');
    }

    public function record(JsonSerializable $event)
    {
        $insert = $this->pdo->prepare('INSERT INTO events (payload) VALUES (?)');
        $insert->execute([json_encode($event)]);
    }

    public function turn($hauler, $amount, $rope)
    {
        $this->run("INSERT INTO turns (hauler, amount, rope) VALUES (%d, %d, %s)", $hauler, $amount, $rope);
    }

    private function run($sql, ...$values)
    {
        return $this->pdo->exec(vsprintf($sql, array_map([$this->pdo, 'quote'], $values)));
    }

    public static function haul(pm_Domain $domain)
    {
        $events = new self();
        $events->record(new Modules_Windlass_Hauled($domain, pm_Session::getClient()->getId()));
        $events->record(new Modules_Windlass_Lowered('hemp'));
        $events->turn($domain->getClient()->getId(), 3, $domain->getName());
    }
}
