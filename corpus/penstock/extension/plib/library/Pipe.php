<?php

class Modules_Penstock_Pipe extends Modules_Penstock_Model
{
    protected static $table = 'pipes';
    protected static $columns = ['site' => 'TEXT', 'width' => 'INTEGER'];

    public static function lay(pm_Domain $domain)
    {
        $pipe = new self();
        $pipe->site = $domain->getName();
        $pipe->width = 40;
        $pipe->save();
    }
}
