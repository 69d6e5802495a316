<?php

class Modules_LostProperty_Desk
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'shelves.db');
    }

    public function take(pm_Domain $domain, $thing)
    {
        $this->db->prepare('INSERT INTO finds (domain_id, thing) VALUES (?, ?)')->execute([$domain->getId(), $thing]);
    }

    public function know(pm_Client $client)
    {
        $this->db->prepare('INSERT INTO owners (client_id) VALUES (?)')->execute([$client->getId()]);
    }

    public function label(pm_Domain $domain)
    {
        $this->db->prepare('INSERT INTO labels (domain_id, printed) VALUES (?, 0)')->execute([$domain->getId()]);
    }
}
