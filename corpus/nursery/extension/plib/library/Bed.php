<?php

class Modules_Nursery_Bed
{
    public static function sow(pm_Domain $domain, $seed)
    {
        pm_Settings::set('bed-' . $domain->getId(), $seed);
        pm_Settings::set('seed-' . md5($seed), '1');
    }
}
