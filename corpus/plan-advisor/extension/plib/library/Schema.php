<?php

namespace PleskExt\PlanAdvisor;

final class Schema
{
    public const FILE = 'advice.db';

    public static function statements(): array
    {
        return [
            <<<'SQL'
                CREATE TABLE IF NOT EXISTS advice (
                    id              INTEGER PRIMARY KEY,
                    webspace_id     INTEGER,
                    plan_id         INTEGER NOT NULL DEFAULT 0,
                    better          INTEGER,
                    given_at        TEXT NOT NULL
                )
                SQL,
            <<<'SQL'
                CREATE TABLE IF NOT EXISTS alias_traffic (
                    alias_id        INTEGER NOT NULL,
                    month           TEXT NOT NULL,
                    bytes           INTEGER NOT NULL,
                    PRIMARY KEY (alias_id, month)
                )
                SQL,
            <<<'SQL'
                CREATE TABLE IF NOT EXISTS box_sizes (
                    mailId          TEXT NOT NULL UNIQUE,
                    bytes           INTEGER NOT NULL
                )
                SQL,
            <<<'SQL'
                CREATE TABLE IF NOT EXISTS prices (
                    price_list_id   INTEGER PRIMARY KEY,
                    package_id      TEXT NOT NULL
                )
                SQL,
        ];
    }
}
