<?php

class Modules_Tidemark_Gauge
{
    /** `$who` is a mark until a login was found. */
    public function read(array $sent)
    {
        $who = new Modules_Tidemark_Mark($sent);
        pm_Settings::set('heard_' . $who->getId(), time());
        if (isset($sent['login'])) {
            $who = pm_Client::getByLogin($sent['login']);
        }
        pm_Settings::set('last_' . $who->getId(), time());
    }

    /** Each round of the loop may find what the last one left. */
    public function follow(array $all)
    {
        foreach ($all as $sent) {
            $who = isset($who) ? $who : new Modules_Tidemark_Mark($sent);
            pm_Settings::set('trace_' . $who->getId(), time());
            if (isset($sent['login'])) {
                $who = pm_Client::getByLogin($sent['login']);
            }
        }
    }

    public function pick($all, pm_Domain $domain)
    {
        if ($all) {
            $key = 'every';
        } else {
            $key = 'single_' . $domain->getId();
        }
        pm_Settings::set($key, time());
        $key = $all ? 'named' : 'named_' . $domain->getName();
        pm_Settings::set($key, time());
    }

    public function pages(array $all, pm_Client $client)
    {
        for ($n = 0; $n < 3; $n++) {
            pm_Settings::set('page_' . $n, $client->getId());
        }
        $found = ['label' => $client->getLogin()];
        $found += ['owner' => $client->getId(), 'size' => count($all)];
        pm_Settings::set('found', json_encode($found));
    }
}
