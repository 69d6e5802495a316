<?php

class Almanac_Legacy_Moon
{
    public static function rise($id)
    {
        pm_Settings::set('moon.' . $id, time());
    }

    public static function title($title)
    {
        pm_Settings::set('full.' . $title, time());
    }
}
