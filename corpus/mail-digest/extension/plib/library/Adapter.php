<?php

class Modules_MailDigest_Adapter
{
    private static $_adapter = null;

    /**
     * @return Zend_Db_Adapter_Abstract
     */
    public static function getInstance()
    {
        if (is_null(self::$_adapter)) {
            self::$_adapter = new Zend_Db_Adapter_Pdo_Sqlite(array(
                'dbname' => pm_Context::getVarDir() . '/digest.sqlite3',
            ));
        }
        return self::$_adapter;
    }

    public static function createTables()
    {
        $db = self::getInstance();
        $db->query('CREATE TABLE IF NOT EXISTS recipients (
            id INTEGER PRIMARY KEY,
            client_id INTEGER NOT NULL UNIQUE,
            frequency VARCHAR(16) NOT NULL DEFAULT "weekly",
            last_sent INTEGER
        )');
        $db->query('CREATE TABLE IF NOT EXISTS letters (
            id INTEGER PRIMARY KEY,
            recipient_id INTEGER NOT NULL REFERENCES recipients(id) ON DELETE CASCADE,
            task_id VARCHAR(40),
            subject TEXT,
            body TEXT
        )');
    }
}
