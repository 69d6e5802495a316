<?php

class Modules_Haystack_Needles
{
    const OUTSIDE = '/var/lib/haystack/needles.sqlite';

    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . self::OUTSIDE);
        $this->db->exec('CREATE TABLE IF NOT EXISTS needles (id INTEGER PRIMARY KEY, length INTEGER)');
    }

    public function old()
    {
        $path = dirname(dirname(__FILE__)) . '/resources/old.db';
        return new \SQLite3($path);
    }

    public function remember($what)
    {
        file_put_contents(\pm_Context::getPlibDir() . '/resources/state.json', json_encode($what));
        file_put_contents(pm_Context::getVarDir() . 'state.json', json_encode($what));
        file_put_contents('/tmp/haystack-draft.json', json_encode($what));
        file_put_contents('/var/log/haystack.txt', 'found', FILE_APPEND);
        file_put_contents(__DIR__ . '/Generated.php', '<?php return 1;');
    }

    public function kept()
    {
        return [
            new SQLite3('/usr/local/psa/var/modules/haystack/needles.sqlite'),
            new PDO('sqlite::memory:'),
            new PDO('mysql:host=localhost;dbname=haystack'),
        ];
    }
}
