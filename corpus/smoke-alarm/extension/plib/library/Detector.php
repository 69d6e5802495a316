<?php

class Modules_SmokeAlarm_Detector
{
    public static function mount(pm_Domain $domain)
    {
        if (!$domain->hasHosting()) {
            throw new pm_Exception('nothing to mount it on');
        }
    }

    public static function battery()
    {
        return (int) pm_Settings::get('battery', 100);
    }
}
