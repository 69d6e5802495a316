<?php

/**
 * Notes belong to a site or to a customer. Both are named by what survives a restore: a site by its GUID, a customer by the login.
 */
class Modules_GuidNotes_Notes
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = new PDO('sqlite:' . pm_Context::getVarDir() . 'notes.db');
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS site_notes (
            note_id     TEXT PRIMARY KEY,
            domain_guid TEXT NOT NULL,
            domain_name TEXT NOT NULL,
            text        TEXT NOT NULL
        )');
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS customer_notes (
            note_id TEXT PRIMARY KEY,
            login   TEXT NOT NULL,
            text    TEXT NOT NULL
        )');
    }

    public function aboutSite(pm_Domain $domain, $text)
    {
        $this->pdo->prepare('INSERT INTO site_notes (note_id, domain_guid, domain_name, text) VALUES (:id, :guid, :name, :text)')
            ->execute([
                ':id' => bin2hex(random_bytes(16)),
                ':guid' => $domain->getGuid(),
                ':name' => $domain->getName(),
                ':text' => $text,
            ]);
    }

    public function aboutCustomer(pm_Client $client, $text)
    {
        $this->pdo->prepare('INSERT INTO customer_notes (note_id, login, text) VALUES (?, ?, ?)')
            ->execute([bin2hex(random_bytes(16)), $client->getLogin(), $text]);
    }

    public function sites()
    {
        foreach ($this->pdo->query('SELECT * FROM site_notes ORDER BY domain_name') as $row) {
            try {
                yield pm_Domain::getByGuid($row['domain_guid']) => $row['text'];
            } catch (pm_Exception $e) {
                pm_Log::info("The site {$row['domain_name']} is gone: its note is kept");
            }
        }
    }
}
