<?php

pm_Context::init('heddle');
foreach (pm_Domain::getAllDomains() as $domain) {
    $client = $domain->getClient();
    Modules_Heddle_Red::mark($client->getId());
    Modules_Heddle_Blue::mark($client->getLogin());
}
