<?php

class Modules_Turntable_Disc
{
    private $db;

    public function __construct(PDO $db)
    {
        $this->db = $db;
        $db->exec('CREATE TABLE IF NOT EXISTS sides (label TEXT, speed INTEGER)');
        $db->exec('CREATE TABLE IF NOT EXISTS grooves (plays INTEGER, label TEXT)');
        $db->exec('CREATE TABLE IF NOT EXISTS needles (plays INTEGER, worn INTEGER)');
    }

    public function press(pm_Domain $domain, $speed)
    {
        try {
            $statement = $this->db->prepare('INSERT INTO sides (label, speed) VALUES (?, ?)');
            $statement->execute([$domain->getName(), $speed]);
            $statement = $this->db->prepare('INSERT INTO grooves (plays, label) VALUES (?, ?)');
            $statement->execute([$domain->getId(), 'first']);
        } catch (PDOException $e) {
            pm_Log::err($e->getMessage());
        }
    }

    public function wear(pm_Domain $domain, $new)
    {
        if ($new) {
            $statement = $this->db->prepare('INSERT INTO needles (plays, worn) VALUES (?, ?)');
            $statement->execute([$domain->getId(), 0]);
        } else {
            $statement = $this->db->prepare('UPDATE needles SET worn = worn + ? WHERE worn > ?');
            $statement->execute([1, strlen($domain->getName())]);
        }
        $statement->closeCursor();
    }

    public function lift($domain)
    {
        $domain = $domain instanceof pm_Domain ? $domain->getName() : '';
        pm_Settings::set('lifted-' . $domain, 1);
    }

    public function count(pm_Client $client)
    {
        $value = $client->getLogin();
        foreach ([1, 2] as $side) {
            if ($side > 1) {
                $value = $client->getId();
            }
            pm_Settings::set('counted', $value);
            $value = 'none';
            pm_Settings::set('uncounted', $value);
        }
    }

    public function swap(pm_Client $client)
    {
        $id = 0;
        $late = function () use (&$id) {
            pm_Settings::set('late', $id);
        };
        $id = $client->getId();
        $late();
        $id = 1;
    }
}
