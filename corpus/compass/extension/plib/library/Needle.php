<?php

class Modules_Compass_Needle
{
    private $db;

    public function __construct()
    {
        $this->db = new SQLite3(pm_Context::getVarDir() . 'compass.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS headings (
            north INTEGER,
            east INTEGER,
            south TEXT,
            west INTEGER
        )');
    }

    public function names()
    {
        $names = [];
        $result = $this->db->query('SELECT h.north AS n, h.south AS s FROM headings h');
        while ($row = $result->fetchArray(SQLITE3_ASSOC)) {
            $names[] = pm_Domain::getByDomainId((int)$row['n'])->getName();
            $names[] = pm_Domain::getByName($row['s'])->getDisplayName();
        }
        return $names;
    }

    public function owners()
    {
        return array_map([$this, 'owner'], $this->column('east'));
    }

    private function column($name)
    {
        $values = [];
        $result = $this->db->query("SELECT $name FROM headings");
        while ($row = $result->fetchArray(SQLITE3_NUM)) {
            $values[] = $row[0];
        }
        return $values;
    }

    private function owner($id)
    {
        return pm_Client::getByClientId($id)->getLogin();
    }

    public function visible(pm_Client $client)
    {
        foreach (explode(',', pm_Settings::get('pinned', '')) as $id) {
            if ($client->hasAccessToDomain($id)) {
                return true;
            }
        }
        $marks = json_decode(pm_Settings::get('marks', '[]'));
        foreach ($marks as $mark) {
            $manager = new pm_FileManager($mark->at);
            if ($manager->fileExists($mark->file)) {
                return true;
            }
        }
        return (bool)pm_Settings::get('shown');
    }

    public function hosting()
    {
        $west = $this->db->querySingle('SELECT west FROM headings LIMIT 1');
        return pm_Bootstrap::getDbAdapter()->fetchOne('SELECT www_root FROM hosting WHERE dom_id = ?', [$west]);
    }

    public function remembered()
    {
        return array_map(fn ($id) => new pm_Domain($id), array_keys((array)json_decode(pm_Settings::get('remembered'), true)));
    }

    public function best()
    {
        return pm_Domain::getByGuid(pm_Settings::get('best'));
    }
}
