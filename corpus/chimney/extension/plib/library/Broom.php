<?php

class Modules_Chimney_Broom
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'soot.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS soot (id INTEGER PRIMARY KEY, domain_id INTEGER, grams INTEGER)');
        $this->db->exec('CREATE TABLE IF NOT EXISTS ash (id INTEGER PRIMARY KEY, domain_guid TEXT, grams INTEGER)');
        $this->db->exec('CREATE TABLE IF NOT EXISTS sparks (id INTEGER PRIMARY KEY, domain_id INTEGER, colour TEXT)');
    }

    public function note(pm_Domain $domain, $grams)
    {
        $this->db->prepare('INSERT INTO soot (domain_id, grams) VALUES (?, ?)')->execute([$domain->getId(), $grams]);
        $this->db->prepare('INSERT INTO ash (domain_guid, grams) VALUES (?, ?)')->execute([$domain->getGuid(), $grams]);
        $this->db->prepare('INSERT INTO sparks (domain_id, colour) VALUES (?, ?)')->execute([$domain->getId(), 'red']);
    }

    public function sweep()
    {
        $ids = $guids = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $ids[] = (int) $domain->getId();
            $guids[] = $this->db->quote($domain->getGuid());
        }
        $this->db->exec('DELETE FROM soot WHERE domain_id NOT IN (' . implode(',', $ids) . ')');
        $this->db->exec('DELETE FROM ash WHERE domain_guid NOT IN (' . implode(',', $guids) . ')');
        $this->db->exec('DELETE FROM sparks WHERE domain_id NOT IN (SELECT domain_id FROM soot)');
        $this->db->exec('DELETE FROM sparks WHERE domain_id NOT IN (0, -1)');
    }
}
