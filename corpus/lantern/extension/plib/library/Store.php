<?php

/**
 * The settings of one thing: a site, a customer, or the server.
 */
class Modules_Lantern_Store
{
    private $suffix;
    private static $shared = array();

    public function __construct($suffix)
    {
        $this->suffix = $suffix;
    }

    public function set($key, $value)
    {
        pm_Settings::set($key . '/' . $this->suffix, $value);
    }

    public static function share($name, $value)
    {
        self::$shared[$name] = $value;
        pm_Settings::set('shared.' . $name, $value);
    }
}
