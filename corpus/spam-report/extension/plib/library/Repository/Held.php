<?php

class Modules_SpamReport_Repository_Held extends Modules_SpamReport_Repository_Base
{
    protected $_table = 'held';

    public static function tables()
    {
        return array(
            'CREATE TABLE IF NOT EXISTS held (
                id       INTEGER PRIMARY KEY,
                target   INTEGER NOT NULL,
                box      TEXT NOT NULL,
                sender   TEXT,
                score    REAL
            )',
            'CREATE TABLE IF NOT EXISTS settings (
                scope    INTEGER PRIMARY KEY,
                level    INTEGER NOT NULL
            )',
            'CREATE TABLE IF NOT EXISTS counters (
                bucket   INTEGER NOT NULL,
                number   INTEGER NOT NULL
            )',
        );
    }
}
