<?php

use Modules_Drydock_Query as Query;

class Modules_Drydock_Yard
{
    public function build(pm_Domain $domain, array $people)
    {
        Query::table('hulls')->insert(['site' => $domain->getId(), 'planks' => count($people)]);
        $rows = array_map(fn (pm_Client $one) => ['hull' => 7, 'person' => $one->getId(), 'rank' => 1], $people);
        Query::table('crew')->upsert($rows, ['hull', 'person']);
    }

    public function grantees($hull)
    {
        $query = Modules_Drydock_Database::open()->prepare('SELECT grantee FROM grants WHERE hull = ?');
        $query->execute([$hull]);
        return array_map([\pm_Client::class, 'getByClientId'], $query->fetchAll(\PDO::FETCH_COLUMN));
    }

    public function days($hull)
    {
        $query = Modules_Drydock_Database::open()->prepare('SELECT day FROM grants WHERE hull = ?');
        $query->execute([$hull]);
        return array_map([self::class, 'day'], $query->fetchAll(\PDO::FETCH_COLUMN));
    }

    public static function day($number)
    {
        return date('l', $number);
    }

    /** How many there are is no id, whatever was copied. */
    public function plan()
    {
        $sql = "INSERT INTO runs (domain_id, state) SELECT domain_id, 'planned' FROM moorings";
        pm_Settings::set('planned', Modules_Drydock_Database::open()->query($sql)->rowCount());
    }

    public function moor(pm_Domain $domain)
    {
        Modules_Drydock_Database::open()->prepare('INSERT INTO moorings VALUES (?, 0)')->execute([$domain->getId()]);
    }
}
