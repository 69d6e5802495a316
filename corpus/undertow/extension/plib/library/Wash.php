<?php

class Modules_Undertow_Wash
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'undertow.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS finds (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, thing TEXT)');
        $this->db->exec('CREATE TABLE IF NOT EXISTS wrecks (id INTEGER PRIMARY KEY, domain_guid TEXT NOT NULL, thing TEXT)');
    }

    public function add(pm_Domain $domain, $thing)
    {
        $this->db->prepare('INSERT INTO finds (domain_id, thing) VALUES (?, ?)')->execute([$domain->getId(), $thing]);
        $this->db->prepare('INSERT INTO wrecks (domain_guid, thing) VALUES (?, ?)')->execute([$domain->getGuid(), $thing]);
        pm_Settings::set('depth-' . $domain->getId(), strlen($thing));
    }

    public function ebb()
    {
        foreach ($this->db->query('SELECT id, domain_id FROM finds')->fetchAll() as $row) {
            try {
                $domain = new pm_Domain($row['domain_id']);
            } catch (pm_Exception $e) {
                $this->db->prepare('DELETE FROM finds WHERE id = ?')->execute([$row['id']]);
            }
        }
    }

    public function flood(array $ids)
    {
        foreach ($ids as $id) {
            if (!$this->floats($id)) {
                pm_Settings::set('depth-' . $id, null);
            }
        }
    }

    public function sweep(array $ids)
    {
        foreach ($ids as $id) {
            try {
                $domain = pm_Domain::getByDomainId($id);
            } catch (pm_Exception $e) {
                $domain = null;
            }
            if ($domain === null) {
                $this->removeFinds($id);
                continue;
            }
            $this->add($domain, 'shell');
        }
    }

    public function calm(array $ids)
    {
        foreach ($this->db->query('SELECT id, domain_guid FROM wrecks')->fetchAll() as $row) {
            try {
                $domain = pm_Domain::getByGuid($row['domain_guid']);
            } catch (pm_Exception $e) {
                $this->db->prepare('DELETE FROM wrecks WHERE id = ?')->execute([$row['id']]);
            }
        }
        foreach ($ids as $id) {
            if (!$this->floats($id)) {
                pm_Log::info('nothing floats at ' . $id);
            }
        }
    }

    public function asked(Zend_Controller_Request_Http $request)
    {
        $id = (int) $request->getParam('site_id');
        try {
            $domain = new pm_Domain($id);
        } catch (pm_Exception $e) {
            $this->removeFinds($id);
        }
    }

    private function floats($id)
    {
        try {
            new pm_Domain($id);
            return true;
        } catch (pm_Exception $e) {
            return false;
        }
    }

    private function removeFinds($id)
    {
        $this->db->prepare('DELETE FROM finds WHERE domain_id = ?')->execute([$id]);
    }
}
