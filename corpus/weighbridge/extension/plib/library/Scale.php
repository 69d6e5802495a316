<?php

class Modules_Weighbridge_Scale
{
    const EMPTY_PAN = 0;

    private static $weights = array();

    public static function isMuted(pm_Domain $domain)
    {
        $muted = explode(',', pm_Settings::get('muted', ''));
        return in_array($domain->getId(), $muted);
    }

    public static function isFavourite(pm_Domain $domain)
    {
        $load = array('site' => $domain->getId(), 'name' => $domain->getName());
        return pm_Settings::get('favourite') == $load['site'];
    }

    public static function price(pm_Client $client)
    {
        $prices = json_decode(pm_Settings::get('prices', '{}'), true);
        return isset($prices[$client->getId()]) ? $prices[$client->getId()] : 0;
    }

    public static function isKnown(pm_Client $client)
    {
        return array_key_exists($client->getId(), json_decode(pm_Settings::get('known', '{}'), true));
    }

    public static function isNamed(pm_Domain $domain)
    {
        return $domain->getName() === pm_Settings::get('named');
    }

    public static function isHeavy(pm_Domain $domain)
    {
        $limit = pm_Settings::get('limit', PHP_INT_MAX);
        $weight = isset(self::$weights[$domain->getId()]) ? self::$weights[$domain->getId()] : self::EMPTY_PAN;
        return $weight == $limit;
    }

    public static function weigh($id)
    {
        $domain = new pm_Domain($id === null ? self::EMPTY_PAN : $id);
        self::$weights[$domain->getId()] = strlen($domain->getName());
        pm_Settings::set('pan', self::EMPTY_PAN);
        pm_Settings::set('most', PHP_INT_MAX);
        pm_Settings::set('wet', true);
    }

    public static function leave($id)
    {
        $domain = new pm_Domain($id ?: PHP_INT_MAX);
        return $domain->getId() === true ? PHP_INT_MAX : $domain->getName();
    }
}
