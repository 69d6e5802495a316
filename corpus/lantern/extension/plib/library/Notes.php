<?php

class Modules_Lantern_Notes
{
    public static function keep(pm_Domain $domain, array $fields)
    {
        Modules_Lantern_Wrap::put($domain->getId(), time());
        Modules_Lantern_Wrap::put($domain->getName(), time());
        Modules_Lantern_Wrap::put('version', '1.4');
        foreach ($fields as $field => $value) {
            Modules_Lantern_Wrap::field($domain->getId(), $field, $value);
        }
        Modules_Lantern_Wrap::color($domain->getGuid(), 'amber');
        Modules_Lantern_Wrap::color('night', 'blue');
    }

    public static function owner(pm_Client $client, $note)
    {
        $store = new Modules_Lantern_Store($client->getId());
        $store->set('note', $note);
    }

    public static function share(pm_Client $client)
    {
        Modules_Lantern_Store::share('greeter', $client->getId());
        Modules_Lantern_Store::share('greeting', 'Welcome');
        Modules_Lantern_Store::share('login', $client->getLogin());
    }
}
