<?php

class Modules_Parcel_String implements Modules_Parcel_Words
{
    const SMALL = 'small' . self::GLUE;

    public static function send(pm_Domain $domain): void
    {
        $key = 'send';
        $key .= self::GLUE;
        $key .= $domain->getId();
        pm_Settings::set($key, '1');

        $name = 'post';
        $name .= self::GLUE . $domain->getName();
        pm_Settings::set($name, '1');
    }

    public static function forms(pm_Domain $domain): void
    {
        pm_Settings::set(sprintf(self::FORMS['box'], 'blue', $domain->getId()), '1');
        pm_Settings::set(sprintf(self::FORMS['bag'], $domain->getName()), '1');
        pm_Settings::set(sprintf('%2$s_%1$d', $domain->getId(), 'crate'), '1');
    }

    public static function swap(pm_Client $client): void
    {
        pm_Settings::set(str_replace('%id%', $client->getId(), 'sack-%id%-tied'), '1');
        pm_Settings::set(strtr('tin-{login}', ['{login}' => $client->getLogin()]), '1');
        pm_Settings::set(strtr('urn-{id}', ['{id}' => $client->getId()]), '1');
        pm_Settings::set(implode('.', ['jar', $client->getId(), 'lid']), '1');
        pm_Settings::set(implode('.', ['jug', $client->getLogin()]), '1');
    }

    public static function small(pm_Domain $domain): void
    {
        pm_Settings::set(strtoupper(self::SMALL) . trim((string)$domain->getId()), '1');
        pm_Settings::set(self::SMALL . strlen($domain->getName()), '1');
        $padded = str_pad($domain->getId(), 6, '0', STR_PAD_LEFT);
        pm_Settings::set("pad{$padded}", '1');
        $hex = dechex(crc32($domain->getName()));
        pm_Settings::set("hex{$hex}", '1');
    }

    public static function heavy(pm_Domain $domain, int $step = 10): void
    {
        pm_Settings::set('half', (int)$domain->getSetting('kilos') / 2);
        $over = $domain->getId() > 100;
        pm_Settings::set('over', $over);
        pm_Settings::set('length', strlen((string)$domain->getId()));
        pm_Settings::set('step-' . $step, '1');
        pm_Settings::set('found', in_array($domain->getId(), [1, 2], true) ? 'yes' : 'no');
    }
}
