<?php

class Modules_SignalBox_Lever
{
    public static function pull($who)
    {
        pm_Settings::set('pulled', json_encode(['who' => $who, 'when' => time()]));
    }

    public static function reset($what)
    {
        pm_Settings::set('reset', json_encode(['what' => $what]));
    }
}
