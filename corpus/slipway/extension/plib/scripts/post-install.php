<?php

pm_Context::init('slipway');
foreach (pm_Client::getAll() as $client) {
    $old = pm_Settings::get('crew.' . $client->getId());
    if ($old !== null) {
        pm_Settings::set('crew.' . $client->getLogin(), $old);
        pm_Settings::set('crew.' . $client->getId(), null);
    }
}
