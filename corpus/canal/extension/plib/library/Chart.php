<?php

/**
 * The chart has own tables with the panel's names, in a database of its own.
 */
class Modules_Canal_Chart
{
    public static function open()
    {
        $db = new PDO('sqlite:' . pm_Context::getVarDir() . 'chart.db');
        $db->exec('CREATE TABLE IF NOT EXISTS domains (id INTEGER PRIMARY KEY, title TEXT)');
        return $db;
    }

    public static function copy()
    {
        foreach (self::open()->query('SELECT id, title FROM domains') as $row) {
            pm_Settings::set('chart-' . $row['id'], $row['title']);
        }
    }
}
