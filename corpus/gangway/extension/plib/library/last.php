<?php

function gangway_last($what, $number)
{
    if ($what === 'note') {
        pm_Settings::set('last-note', $number);
        return;
    }
    pm_Settings::set('last-site', $number);
}

function gangway_note(array $notes)
{
    gangway_last('site', pm_Session::getCurrentDomain()->getId());
    gangway_last('note', count($notes));
}
