<?php

/** For editors, which do not see the panel's own classes. Never loaded on a server. */
class pm_Client
{
    public static function install(PDO $pdo, pm_Client $client)
    {
        $pdo->exec('CREATE TABLE stub_clients (client_id INTEGER, login TEXT)');
        $pdo->prepare('INSERT INTO stub_clients (client_id, login) VALUES (?, ?)')->execute([$client->getId(), $client->getLogin()]);
    }

    public function getId()
    {
        return 1;
    }

    public function getLogin()
    {
        return 'admin';
    }
}
