<?php

class Modules_EventRecorder_Journal
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'journal.db');
        $this->db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $sql = 'CREATE TABLE IF NOT EXISTS events ('
            . ' id INTEGER PRIMARY KEY,'
            . ' object_type TEXT NOT NULL,'
            . ' object_id INTEGER NOT NULL,'
            . ' action TEXT NOT NULL,'
            . ' at INTEGER NOT NULL'
            . ')';
        $this->db->exec($sql);
        $this->db->exec("CREATE TABLE IF NOT EXISTS guids (domain_id INTEGER PRIMARY KEY, domain_guid TEXT, seen INTEGER)");
    }

    public function write($type, $id, $action)
    {
        $statement = $this->db->prepare('INSERT INTO events (object_type, object_id, action, at) VALUES (?, ?, ?, ?)');
        $statement->execute([$type, $id, $action, time()]);
    }

    public function keepGuid(pm_Domain $domain)
    {
        $statement = $this->db->prepare('REPLACE INTO guids (domain_id, domain_guid, seen) VALUES (:id, :guid, :seen)');
        $statement->bindValue(':id', $domain->getId(), PDO::PARAM_INT);
        $statement->bindValue(':guid', $domain->getGuid());
        $statement->bindValue(':seen', time());
        $statement->execute();
    }

    public function last($count)
    {
        return $this->db->query('SELECT * FROM events ORDER BY id DESC LIMIT ' . (int)$count)->fetchAll(PDO::FETCH_ASSOC);
    }
}
