<?php

class Modules_Sundial_Dial
{
    /** @var PDO */
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'dial.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS hours (
            hour_id INTEGER PRIMARY KEY,
            lit INTEGER,
            label TEXT
        )');
        $this->db->exec('CREATE TABLE IF NOT EXISTS shades (
            kept_by INTEGER,
            fell_on INTEGER,
            tree INTEGER
        )');
        $this->db->exec('CREATE TABLE IF NOT EXISTS clouds (
            over TEXT,
            shape TEXT
        )');
    }

    public function move(pm_Client $from, pm_Client $to)
    {
        $update = $this->db->prepare('UPDATE shades SET kept_by = :to WHERE kept_by = :from');
        $update->execute([':to' => $to->getId(), ':from' => $from->getId()]);
    }

    public function fallen()
    {
        $rows = $this->db->query('SELECT fell_on, tree FROM shades')->fetchAll(PDO::FETCH_OBJ);
        $names = [];
        foreach ($rows as $row) {
            $names[$row->tree] = pm_Domain::getByDomainId($row->fell_on)->getName();
        }
        return $names;
    }

    public function cloud(pm_Domain $domain, $shape)
    {
        $this->db->prepare('INSERT INTO clouds VALUES (?, ?)')->execute([(string)$domain->getId(), $shape]);
    }

    public function hour(pm_Domain $domain, $label)
    {
        $hours = new Modules_Sundial_Table_Hours();
        $hours->insert(['lit' => $domain->getId(), 'label' => $label]);
        $hours->update(['label' => $domain->getName()], ['hour_id = ?' => 7]);
    }
}
