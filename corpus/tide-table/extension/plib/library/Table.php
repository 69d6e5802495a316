<?php

class Modules_TideTable_Table
{
    public function low(pm_Domain $domain, $load)
    {
        pm_settings::set(TIDE_LOW . $domain->getId(), $load);
    }

    public function high(pm_Domain $domain, $load)
    {
        list($key, $value) = array(Modules_TideTable_Names::HIGH . $domain->getId(), $load);
        pm_Settings::set($key, $value);
    }

    public function mark(pm_Domain $domain)
    {
        $names = new Modules_TideTable_Names($domain);
        pm_Settings::set($names->of('mark'), time());
    }

    public function level(pm_Domain $domain, $level)
    {
        pm_Settings::set(Modules_TideTable_Names::getDomainKey('level', $domain), $level);
        pm_Settings::set(Modules_TideTable_Names::getPageKey('level', new Modules_TideTable_Page('first')), $level);
    }

    public function hours($domain, array $hours)
    {
        if (!method_exists($domain, 'getId')) {
            return;
        }
        foreach ($hours as $hour => $load) {
            pm_Settings::set(sprintf('hour_%d_%02d', $domain->getId(), $hour), $load);
            pm_Settings::set(sprintf('peak_%s_%02d', $domain->getName(), $hour), $load);
        }
    }
}
