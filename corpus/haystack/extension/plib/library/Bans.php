<?php

class Modules_Haystack_Bans
{
    public function count()
    {
        $db = new PDO('sqlite:/var/lib/fail2ban/fail2ban.sqlite3');
        return $db->query('SELECT count(*) FROM bans')->fetchColumn();
    }
}
