<?php

namespace Billing;

/** A library's own cache. The customer_id is the billing system's. */
class Cache
{
    public static function create(\PDO $pdo)
    {
        $pdo->exec('CREATE TABLE IF NOT EXISTS billing_cache (customer_id INTEGER PRIMARY KEY, domain_id INTEGER, body TEXT)');
    }
}
