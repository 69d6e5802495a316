<?php

class Modules_Ferryman_Company
{
    private static function ask($what)
    {
        $curl = curl_init('https://' . pm_Settings::get('company_host') . '/api/' . $what);
        curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
        $answer = curl_exec($curl);
        curl_close($curl);
        return json_decode($answer, true);
    }

    public static function passengers()
    {
        $found = [];
        foreach (self::ask('passengers')['items'] as $one) {
            $found[(int)$one['id']] = ['client_id' => (int)$one['id'], 'login' => (string)$one['mail'], 'domain_id' => $one['site']['id']];
        }
        return $found;
    }

    public static function ports()
    {
        return simplexml_load_string(file_get_contents('https://ports.example.com/list.xml'));
    }
}
