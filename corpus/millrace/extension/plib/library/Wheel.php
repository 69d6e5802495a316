<?php
class Modules_Millrace_Wheel
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'mill.db');
    }

    public function turn(pm_Domain $domain, array $row)
    {
        $insert = $this->db->prepare('INSERT INTO turns (site_ref, site_name, turned) VALUES (?, ?, ?)');
        $insert->execute([$domain->getId(), $domain->getName(), time()]);
        $this->db->prepare('INSERT INTO imported (domain_id, turned) VALUES (?, ?)')->execute([$row['nr'], time()]);
    }

    public function turned(pm_Domain $domain)
    {
        $select = $this->db->prepare('SELECT turned FROM turns WHERE site_name = ?');
        $select->execute([$domain->getName()]);
        return $select->fetchColumn();
    }
}
