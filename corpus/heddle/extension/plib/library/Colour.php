<?php

abstract class Modules_Heddle_Colour
{
    public static function mark($what)
    {
        pm_Settings::set(static::NAME . '/' . $what, 'on');
    }
}
