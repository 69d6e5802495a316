<?php

class Modules_Lantern_Wrap
{
    protected static $prefix = 'd';

    public static function put($key, $value)
    {
        pm_Settings::set('lantern_' . $key, $value);
    }

    public static function field($id, $field, $value)
    {
        pm_Settings::set(static::$prefix . $id . '_' . $field, $value);
    }

    public static function color($name, $value)
    {
        pm_Settings::set("tone-$name", $value);
    }
}
