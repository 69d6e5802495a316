<?php

class Modules_Heddle_NameKeeper extends Modules_Heddle_Keeper
{
    protected $prefix = 'name-';

    public function keep(pm_Domain $domain)
    {
        $this->put($domain->getName(), time());
    }
}
