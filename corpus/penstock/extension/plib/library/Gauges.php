<?php

class Modules_Penstock_Gauges
{
    private $db;

    private function columns()
    {
        return [
            'spot' => fn(pm_Domain $domain) => $domain->getId(),
            'title' => fn(pm_Domain $domain) => $domain->getName(),
        ];
    }

    public function save(pm_Domain $domain)
    {
        $row = [];
        foreach ($this->columns() as $name => $read) {
            $row[$name] = $read($domain);
        }
        $this->db->insert('gauges', $row);
    }
}
