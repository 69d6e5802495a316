<?php

class Modules_Tidemark_Config
{
    private static function key($name, $site)
    {
        if ($site === null) {
            return $name;
        }
        return $name . ':' . $site;
    }

    private static function short($name, $site = null)
    {
        return $site ? "$name/$site" : $name;
    }

    public static function set($name, $value, $site = null)
    {
        pm_Settings::set(self::key($name, $site), $value);
    }

    public static function mark($name, $site = null)
    {
        pm_Settings::set(self::short($name, $site), 'yes');
    }

    public static function flagged($name, pm_Domain $domain, $all = false)
    {
        pm_Settings::set($all ? $name . '-all' : $name . '-' . $domain->getId(), '1');
    }

    public static function owned($name, pm_Domain $domain, $own = false)
    {
        if ($own) {
            return $name . '=' . $domain->getId();
        }
        return $name;
    }

    public static function wide(array $row, pm_Domain $domain)
    {
        $n = 'safe';
        pm_Settings::set('before-' . $n, '1');
        extract($row);
        $owner = 5;
        pm_Settings::set('after-' . $owner, '1');
    }

    public static function both($name, pm_Domain $domain, $zone = null, $all = false)
    {
        pm_Settings::set($zone === null && $all === true ? $name . '-all' : $name . '-' . $domain->getId(), '1');
    }

    public static function filled($name, pm_Domain $domain, $zone = null)
    {
        $zone ??= 'eu';
        pm_Settings::set($zone ? $name . '-' . $domain->getId() : $name, '1');
    }
}
