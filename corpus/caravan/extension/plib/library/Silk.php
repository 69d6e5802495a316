<?php

class Modules_Caravan_Silk extends Modules_Caravan_Load
{
    const NAME = 'silk';

    public function __construct(pm_Domain $domain, array $more)
    {
        parent::__construct(['to' => $domain->getName()] + $more);
    }

    public function mark(pm_Domain $domain)
    {
        pm_Settings::set($this->key($domain->getGuid()), '1');
    }
}
