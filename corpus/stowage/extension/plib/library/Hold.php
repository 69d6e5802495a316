<?php

/**
 * What belongs to sites, packed in every way that there is.
 */
class Modules_Stowage_Hold
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'stowage.sqlite3');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS jobs (
                id      INTEGER PRIMARY KEY,
                payload TEXT NOT NULL
            )
        ');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS prefs (
                name  TEXT PRIMARY KEY,
                value TEXT NOT NULL
            )
        ');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS tokens (
                id    INTEGER PRIMARY KEY,
                token TEXT NOT NULL
            )
        ');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS crews (
                crew  TEXT PRIMARY KEY,
                sites TEXT NOT NULL
            )
        ');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS links (
                title TEXT PRIMARY KEY,
                url   TEXT NOT NULL
            )
        ');
    }

    public function enqueue(pm_Domain $domain, $port)
    {
        $payload = json_encode([
            'domainId' => $domain->getId(),
            'owner' => ['id' => (string)$domain->getClient()->getId()],
            'port' => $port,
        ]);
        $this->db->prepare('INSERT INTO jobs (payload) VALUES (?)')->execute([$payload]);
    }

    public function prefer(pm_Domain $domain, array $clients)
    {
        $value = serialize(['site' => $domain->getId(), 'seen' => array_fill_keys($clients, true)]);
        $save = $this->db->prepare('INSERT OR REPLACE INTO prefs (name, value) VALUES (:name, :value)');
        $save->execute([':name' => 'status-' . $domain->getId(), ':value' => $value]);
    }

    public function token(pm_Domain $domain)
    {
        $token = base64_encode(json_encode(['site' => $domain->getId(), 'at' => time()]));
        $this->db->prepare('INSERT INTO tokens (token) VALUES (?)')->execute([$token]);
    }

    public function muster($crew, array $domains)
    {
        $ids = [];
        foreach ($domains as $domain) {
            $ids[] = pm_Domain::getByName($domain)->getId();
        }
        $save = $this->db->prepare('INSERT OR REPLACE INTO crews (crew, sites) VALUES (?, ?)');
        $save->execute([$crew, implode(',', $ids)]);
    }

    public function link($title, pm_Domain $domain)
    {
        $url = '/smb/web/overview/id/' . $domain->getId() . '?client_id=' . $domain->getClient()->getId();
        $this->db->prepare('INSERT OR REPLACE INTO links (title, url) VALUES (?, ?)')->execute([$title, $url]);
    }
}
