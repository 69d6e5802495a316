<?php

class Modules_Heddle_SiteKeeper extends Modules_Heddle_Keeper
{
    protected $prefix = 'site-';

    public function keep(pm_Domain $domain)
    {
        $this->put($domain->getId(), time());
    }
}
