<?php

class Modules_Canal_Lock
{
    private $panel;

    public function __construct()
    {
        $this->panel = pm_Bootstrap::getDbAdapter();
    }

    public function flood()
    {
        foreach ($this->panel->fetchCol('SELECT id FROM domains WHERE htype = ?', ['vrt_hst']) as $id) {
            pm_Settings::set("gate-$id", 'open');
        }
        foreach ($this->panel->fetchCol('SELECT name FROM domains') as $name) {
            pm_Settings::set("bridge-$name", 'down');
        }
    }

    public function boats()
    {
        $select = $this->panel->select()->from(['d' => 'domains'], ['boat' => 'id', 'flag' => 'name'])->where('status = ?', 0);
        foreach ($this->panel->fetchAll($select) as $row) {
            pm_Settings::set('boat', json_encode(['hull' => $row['boat'], 'flag' => $row['flag']]));
        }
    }

    public function captains()
    {
        $sql = <<<SQL
            SELECT c.id AS captain, c.login, d.id AS ship
            FROM clients c
            JOIN domains d ON d.cl_id = c.id
SQL;
        $ships = [];
        foreach ($this->panel->query($sql)->fetchAll() as $row) {
            $ships[$row['login']] = ['captain' => $row['captain'], 'ship' => (int)$row['ship']];
        }
        file_put_contents(pm_Context::getVarDir() . 'ships.json', json_encode($ships));
    }

    public function depth($site)
    {
        $hosting = $this->panel->fetchRow($this->panel->select()->from('hosting')->where('dom_id = ?', $site));
        return $hosting ? $hosting['www_root'] : null;
    }

    public function lastDepth()
    {
        return $this->depth(pm_Settings::get('deepest'));
    }

    public function users()
    {
        $owner = $this->panel->fetchOne("SELECT cl_id FROM domains WHERE name = 'example.com'");
        pm_Settings::set('keeper', $owner);
        pm_Settings::set('count', $this->panel->fetchOne('SELECT count(id) FROM domains'));
    }
}
