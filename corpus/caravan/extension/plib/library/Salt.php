<?php

class Modules_Caravan_Salt extends Modules_Caravan_Load
{
    const NAME = 'salt';

    public function __construct(pm_Domain $domain, array $more)
    {
        parent::__construct(['to' => $domain->getId(), 'called' => $domain->getName()] + $more);
    }

    public function key($suffix)
    {
        return parent::key('salt-' . $suffix);
    }

    public function mark(pm_Domain $domain)
    {
        pm_Settings::set($this->key($domain->getId()), '1');
    }
}
