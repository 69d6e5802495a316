<?php

class Modules_Gangway_Cache
{
    private $items = array();

    public function put($key, $value)
    {
        $this->items[$key] = $value;
    }

    public function has($key)
    {
        return isset($this->items[$key]);
    }

    public static function ask(Modules_Gangway_Cache $cache, pm_Domain $domain, array $words)
    {
        $cache->put($domain->getId(), true);
        $word = $words[1];
        if ($cache->has($word)) {
            pm_Settings::set('asked', $word);
        }
    }
}
