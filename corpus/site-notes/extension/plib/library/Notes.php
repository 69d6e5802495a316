<?php

/**
 * Notes on sites, and how to reach their owners.
 */
class Modules_SiteNotes_Notes
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'notes.sqlite3');
        $this->db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS notes (
                domain_id INTEGER PRIMARY KEY,
                note      TEXT NOT NULL
            )
        ');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS phones (
                id        INTEGER PRIMARY KEY AUTOINCREMENT,
                client_id INTEGER NOT NULL UNIQUE,
                phone     TEXT NOT NULL
            )
        ');
        $this->db->exec('
            CREATE TABLE IF NOT EXISTS reminders (
                id      INTEGER PRIMARY KEY AUTOINCREMENT,
                details TEXT NOT NULL
            )
        ');
    }

    public function save(pm_Domain $domain, $note)
    {
        $save = $this->db->prepare('INSERT OR REPLACE INTO notes (domain_id, note) VALUES (:domain, :note)');
        $save->execute([':domain' => $domain->getId(), ':note' => $note]);
    }

    public function of(pm_Domain $domain)
    {
        $find = $this->db->prepare('SELECT note FROM notes WHERE domain_id = ?');
        $find->execute([$domain->getId()]);
        return (string)$find->fetchColumn();
    }

    public function savePhone(pm_Client $client, $phone)
    {
        $save = $this->db->prepare('INSERT OR REPLACE INTO phones (client_id, phone) VALUES (?, ?)');
        $save->execute([$client->getId(), $phone]);
    }

    public function remind(pm_Domain $domain, $what)
    {
        $details = json_encode(['domainId' => $domain->getId(), 'what' => $what]);
        $save = $this->db->prepare('INSERT INTO reminders (details) VALUES (?)');
        $save->execute([$details]);
    }
}
