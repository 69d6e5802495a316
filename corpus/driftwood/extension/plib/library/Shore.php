<?php

class Modules_Driftwood_Shore
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'shore.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS logs (id INTEGER PRIMARY KEY, domain_id INTEGER, length INTEGER)');
        $this->db->exec('CREATE TABLE IF NOT EXISTS shells (id INTEGER PRIMARY KEY, finder_client_id INTEGER)');
    }

    public function find(pm_Domain $domain, $length)
    {
        $this->db->prepare('INSERT INTO logs (domain_id, length) VALUES (?, ?)')->execute([$domain->getId(), $length]);
        $this->db->prepare('INSERT INTO shells (finder_client_id) VALUES (?)')->execute([$domain->getClient()->getId()]);
        pm_Settings::set('last' . ucfirst('tide'), time());
    }
}
