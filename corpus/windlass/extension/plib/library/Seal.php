<?php

class Modules_Windlass_Seal
{
    public static function seal(array $claims)
    {
        $start = random_bytes(16);
        $cipher = openssl_encrypt(json_encode($claims), 'aes-256-cbc', pm_Settings::get('secret'), OPENSSL_RAW_DATA, $start);
        return base64_encode($start . $cipher);
    }

    public static function mark($what)
    {
        return md5('windlass' . $what);
    }

    public static function once($what)
    {
        return md5($what . uniqid());
    }

    public static function label($what)
    {
        return 'anchor:' . $what;
    }

    public static function line(array $what)
    {
        return json_encode($what) . "\n";
    }

    public static function fill($template, $what)
    {
        return str_replace('{it}', $what, $template);
    }

    public static function keep(pm_Domain $domain)
    {
        pm_Settings::set('ticket', self::seal(['site' => $domain->getId(), 'at' => time()]));
        pm_Settings::set('receipt', self::seal(['rope' => 'hemp']));
        pm_Settings::set('mark', self::mark($domain->getId()));
        pm_Settings::set('mark-of-name', self::mark($domain->getName()));
        pm_Settings::set('nonce', self::once($domain->getId()));
        pm_Settings::set('anchor', self::label($domain->getId()));
        pm_Settings::set('anchor-name', self::label($domain->getName()));
        file_put_contents(pm_Context::getVarDir() . 'anchor.json', self::line(['site' => $domain->getId()]));
        file_put_contents(pm_Context::getVarDir() . 'name.json', self::line(['site-name' => $domain->getName()]));
        pm_Settings::set('sentence', self::fill('Haul {it} up', $domain->getId()));
        pm_Settings::set('sentence-name', self::fill('Haul {it} up', $domain->getName()));
    }
}
