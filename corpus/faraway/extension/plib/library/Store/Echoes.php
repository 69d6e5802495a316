<?php

class Modules_Faraway_Store_Echoes extends SQLite3
{
    public function __construct()
    {
        parent::__construct(Modules_Faraway_Store_Paths::echoes());
        $this->exec('CREATE TABLE IF NOT EXISTS echoes (whom INTEGER, heard_by TEXT, volume INTEGER)');
    }

    public function hear(pm_Client $client, $volume)
    {
        $insert = $this->prepare('INSERT INTO echoes (whom, heard_by, volume) VALUES (?, ?, ?)');
        $insert->bindValue(1, $client->getId());
        $insert->bindValue(2, $client->getLogin());
        $insert->bindValue(3, $volume);
        $insert->execute();
    }
}
