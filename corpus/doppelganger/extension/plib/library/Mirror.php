<?php

class Modules_Doppelganger_Mirror
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'faces.db');
    }

    public function see(pm_Domain $domain, $mood)
    {
        $add = $this->db->prepare('INSERT INTO faces (domain_id, domain_name, mood) VALUES (?, ?, ?)');
        $add->execute([$domain->getId(), $domain->getName(), $mood]);
    }

    public function hide(pm_Domain $domain, $colour)
    {
        $add = $this->db->prepare('INSERT INTO masks (domain_id, domain_name, colour) VALUES (?, ?, ?)');
        $add->execute([$domain->getId(), $domain->getName(), $colour]);
    }

    public function invite(pm_Client $client, $as)
    {
        $this->db->prepare('INSERT INTO guests (client_id, invited_as) VALUES (?, ?)')->execute([$client->getId(), $as]);
    }
}
