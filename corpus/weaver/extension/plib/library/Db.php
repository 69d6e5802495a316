<?php

class Modules_Weaver_Db
{
    private static $adapter;

    public static function adapter()
    {
        if (!self::$adapter) {
            self::$adapter = Zend_Db::factory('Pdo_Sqlite', array('dbname' => pm_Context::getVarDir() . 'weaver.db'));
            Zend_Db_Table::setDefaultAdapter(self::$adapter);
        }
        return self::$adapter;
    }

    public static function install()
    {
        foreach (array(
            'CREATE TABLE IF NOT EXISTS cloths (
                cloth_id INTEGER PRIMARY KEY,
                wearer INTEGER NOT NULL,
                pattern TEXT NOT NULL
            )',
            'CREATE TABLE IF NOT EXISTS threads (
                id INTEGER PRIMARY KEY,
                cloth_id INTEGER REFERENCES cloths (cloth_id),
                dyer INTEGER,
                colour TEXT
            )',
            'CREATE TABLE IF NOT EXISTS looms (name TEXT, site INTEGER, place TEXT)',
        ) as $statement) {
            self::adapter()->getConnection()->exec($statement);
        }
    }
}
