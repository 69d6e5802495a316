<?php

class Modules_Hive_Cells
{
    public static function build()
    {
        $db = pm_Bootstrap::getDbAdapter();
        $db->query('CREATE TABLE IF NOT EXISTS module_hive_cells (
            cell_id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            bee INT UNSIGNED NOT NULL,
            keeper INT UNSIGNED NULL,
            label VARCHAR(255),
            KEY bee_idx (bee)
        ) ENGINE=InnoDB');
        $db->query('CREATE TABLE IF NOT EXISTS module_hive_honey (
            cell_id INT UNSIGNED NOT NULL,
            site INT UNSIGNED NOT NULL,
            name VARCHAR(255) NOT NULL
        )');
    }

    public static function fill(pm_Domain $domain)
    {
        $db = pm_Bootstrap::getDbAdapter();
        $db->insert('module_hive_cells', ['bee' => $domain->getId(), 'keeper' => $domain->getClient()->getId(), 'label' => $domain->getName()]);
        $cell = $db->lastInsertId();
        pm_Settings::set('cell', $cell);
    }

    public static function harvest($cell)
    {
        $sql = 'INSERT INTO module_hive_honey (cell_id, site, name) SELECT ' . (int)$cell . ', d.id, d.name FROM domains AS d WHERE d.htype = \'vrt_hst\'';
        pm_Bootstrap::getDbAdapter()->query($sql);
    }
}
