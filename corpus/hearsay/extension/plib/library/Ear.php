<?php

class Modules_Hearsay_Ear
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'said.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS whispers (
            id INTEGER PRIMARY KEY,
            site_id INTEGER,
            text TEXT
        )');
        $this->db->exec('CREATE TABLE IF NOT EXISTS rumours (
            client_id INTEGER,
            text TEXT
        )');
        $this->db->exec('CREATE TABLE IF NOT EXISTS tales (
            teller_id INTEGER,
            item_id INTEGER,
            text TEXT
        )');
    }

    public function whisper($siteId, $text)
    {
        $insert = $this->db->prepare('INSERT INTO whispers (site_id, text) VALUES (?, ?)');
        $insert->execute([$siteId, $text]);
    }

    public function rumour($about, $text)
    {
        $this->db->prepare('INSERT INTO rumours (client_id, text) VALUES (?, ?)')->execute([$about, $text]);
    }

    public function tale($teller, $item, $text)
    {
        $this->db->prepare('INSERT INTO tales (teller_id, item_id, text) VALUES (?, ?, ?)')->execute([$teller, $item, $text]);
    }
}
