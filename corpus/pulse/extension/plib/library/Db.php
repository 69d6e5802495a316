<?php

class Modules_Pulse_Db
{
    const FILE = 'pulse.sqlite';

    private static $handle;

    /**
     * @return SQLite3
     */
    public static function get()
    {
        if (!self::$handle) {
            self::$handle = new SQLite3(pm_Context::getVarDir() . self::FILE);
            self::$handle->busyTimeout(5000);
            self::$handle->enableExceptions(true);
        }
        return self::$handle;
    }

    public static function create()
    {
        $db = self::get();
        $db->exec("
            CREATE TABLE IF NOT EXISTS site_state (
                site_id     TEXT NOT NULL PRIMARY KEY,
                up          INTEGER NOT NULL DEFAULT 1,
                since       INTEGER NOT NULL,
                last_code   INTEGER
            )
        ");
        $db->exec("
            CREATE TABLE IF NOT EXISTS answers (
                siteId      TEXT NOT NULL,
                slot        INTEGER NOT NULL,
                millis      REAL,
                PRIMARY KEY (siteId, slot)
            ) WITHOUT ROWID
        ");
        $db->exec("
            CREATE TABLE IF NOT EXISTS report_parts (
                report_id   TEXT NOT NULL,
                chunk_id    INTEGER NOT NULL,
                body        BLOB,
                PRIMARY KEY (report_id, chunk_id)
            )
        ");
    }
}
