<?php

class Modules_Penstock_Valve extends Modules_Penstock_Model
{
    protected static $table = 'valves';
    protected static $columns = ['site' => 'INTEGER NOT NULL', 'state' => 'TEXT'];

    public static function open(pm_Domain $domain)
    {
        $valve = new self();
        $valve->site = $domain->getId();
        $valve->state = 'open';
        $valve->save();
    }
}
