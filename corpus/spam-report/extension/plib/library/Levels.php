<?php

class Modules_SpamReport_Levels
{
    private $pdo;

    public function __construct(PDO $pdo)
    {
        $this->pdo = $pdo;
    }

    private function write($scope, $level)
    {
        $this->pdo->prepare('REPLACE INTO settings (scope, level) VALUES (?, ?)')->execute([$scope, $level]);
    }

    public function forClient(pm_Client $client, $level)
    {
        $this->write($client->getId(), $level);
    }

    public function ofClient(pm_Client $client)
    {
        $statement = $this->pdo->prepare('SELECT level FROM settings WHERE scope = ?');
        $statement->execute([$client->getId()]);
        return (int)$statement->fetchColumn() ?: 5;
    }

    /**
     * One more in this hour. A bucket is an hour of the day.
     */
    public function count($bucket)
    {
        $this->pdo->prepare('INSERT INTO counters (bucket, number) VALUES (?, 1)')->execute([$bucket]);
    }
}
