<?php
pm_Context::init('foyer');
$client = pm_Client::getByClientId($argv[1]);
file_put_contents(pm_Context::getVarDir() . '/woken.txt', $client->getLogin());
