<?php

define('TIDE_LOW', 'tide.low.');

class Modules_TideTable_Names
{
    const HIGH = 'tide.high.';

    private $prefix;

    public function __construct($domain)
    {
        $this->prefix = 'tide:' . $domain->getId() . ':';
    }

    public function of($word)
    {
        return $this->prefix . $word;
    }

    /**
     * @param string $key
     * @param pm_Domain $domain
     */
    public static function getDomainKey($key, $domain)
    {
        return $key . '_' . $domain->getId();
    }

    public static function getPageKey($key, $page)
    {
        return $key . '_' . $page->getId();
    }
}
