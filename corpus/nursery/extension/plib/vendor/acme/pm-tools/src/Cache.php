<?php

namespace Acme\PmTools;

class Cache
{
    public function put(\pm_Domain $domain, $value)
    {
        \pm_Settings::set('acme-' . $domain->getId(), $value);
    }
}
