<?php
require_once __DIR__ . '/inc/head.php';

$berth = (int) $_POST['berth'];
if ($berth && !$me->hasAccessToDomain($berth)) {
    die('No access');
}
gangway_keep('boarded', $sailor);
gangway_keep('called', $name);
pm_Settings::set('captain', $options['captain']);
pm_Settings::set('colour', $options['colour']);
gangway_stamp();
include 'inc/store.php';
pm_Settings::set('receipt', $receipt);
