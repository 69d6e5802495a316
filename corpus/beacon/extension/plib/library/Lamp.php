<?php

class Modules_Beacon_Lamp
{
    public static function on(pm_Domain $domain, $colour)
    {
        pm_Settings::set('lamp-' . sha1('beacon' . $domain->getId()), $colour);
        pm_Settings::set('lamp-' . sha1($domain->getGuid()), $colour);
    }

    public static function draw(pm_Domain $domain, $image)
    {
        $name = substr(hash_hmac('sha256', (string)$domain->getId(), pm_Settings::get('salt', '')), 0, 16);
        file_put_contents(pm_Context::getVarDir() . '/img/' . $name . '.png', $image);
        file_put_contents(pm_Context::getVarDir() . '/img/' . md5($image) . '.sum', $domain->getName());
    }

    public static function key(pm_Client $client, $key)
    {
        pm_Settings::setEncrypted('master', json_encode(['of' => $client->getId(), 'key' => $key]));
        pm_Settings::setEncrypted('api', json_encode(['login' => $client->getLogin(), 'key' => $key]));
        pm_Settings::set('sealed', pm_Crypt::encrypt($key));
    }

    public static function etag(pm_Domain $domain)
    {
        header('ETag: "' . md5($domain->getId() . filemtime(__FILE__)) . '"');
    }
}
