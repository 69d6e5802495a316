<?php

/**
 * The state of each site, in settings and in files.
 */
class Modules_StatusBoard_Board
{
    const PREFIX = 'state-';

    private $id;

    public function __construct(pm_Domain $domain)
    {
        $this->id = $domain->getId();
    }

    public function save($state)
    {
        pm_Settings::set(self::PREFIX . $this->id, $state);
    }

    public static function remember(pm_Domain $domain, pm_Client $client)
    {
        pm_Settings::set('last', json_encode(['site' => ['id' => $domain->getId()], 'owner' => $client->getLogin()]));
    }

    public static function last()
    {
        $last = json_decode(pm_Settings::get('last'), true);
        return new pm_Domain($last['site']['id']);
    }

    public static function report(pm_Domain $domain, $text)
    {
        $path = self::folder() . 'report-' . $domain->getId() . '.txt';
        file_put_contents($path, $text);
    }

    public static function told(pm_Client $client)
    {
        $told = json_decode((string)file_get_contents(self::folder() . 'told.json'), true) ?: [];
        $told[$client->getId()] = time();
        file_put_contents(self::folder() . 'told.json', json_encode($told));
    }

    private static function folder()
    {
        return pm_Context::getVarDir();
    }
}
