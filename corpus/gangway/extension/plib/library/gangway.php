<?php

function gangway_keep($what, $value)
{
    pm_Settings::set("gangway-$what", $value);
}

function gangway_stamp()
{
    global $sailor, $name;
    pm_Settings::set('stamp', $sailor);
    pm_Settings::set('stamp-name', $name);
    pm_Settings::set('stamp-again', $GLOBALS['sailor']);
}

function gangway_tariffs()
{
    $answer = pm_ApiRpc::getService()->call('<service-plan><get><filter/></get></service-plan>');
    $tariffs = array();
    foreach ($answer->xpath('//result') as $plan) {
        $tariffs[] = array('plan' => (int) $plan->id, 'fee' => 5);
    }
    pm_Settings::set('tariffs', json_encode($tariffs));
    $answer = pm_ApiRpc::getService()->call('<server><get><stat/></get></server>');
    pm_Settings::set('load', (string) $answer->server->get->result->stat->id);
}
