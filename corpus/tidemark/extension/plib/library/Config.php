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
}
