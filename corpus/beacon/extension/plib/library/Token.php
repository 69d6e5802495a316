<?php

class Modules_Beacon_Token
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . '/beacon.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS links (
            token TEXT PRIMARY KEY,
            path_sum TEXT,
            made INTEGER
        )');
        $this->db->exec('CREATE TABLE IF NOT EXISTS vault (
            name TEXT PRIMARY KEY,
            sealed TEXT
        )');
    }

    public function link(pm_Domain $domain, $path)
    {
        $token = hash('sha256', $domain->getId() . '|' . $path);
        $insert = $this->db->prepare('INSERT OR REPLACE INTO links (token, path_sum, made) VALUES (?, ?, ?)');
        $insert->execute([$token, md5($path), time()]);
        return $token;
    }

    public function seal(pm_Client $client, $secret)
    {
        $sealed = pm_Crypt::encrypt(json_encode(['client' => $client->getId(), 'secret' => $secret]));
        $insert = $this->db->prepare('REPLACE INTO vault (name, sealed) VALUES (:name, :sealed)');
        $insert->bindValue(':name', $client->getLogin());
        $insert->bindValue(':sealed', $sealed);
        $insert->execute();
    }
}
