<?php

use Modules_Penstock_Db_Link as Link;

class Modules_Penstock_Cases
{
    public static function open(pm_Client $client, $subject)
    {
        Link::table('cases')->insert(['whose' => $client->getId(), 'subject' => $subject]);
    }

    public static function steps()
    {
        return Link::pdo()->query('SELECT s.done, b.address FROM steps s JOIN subscribers b ON b.id = s.subscription_id');
    }
}
