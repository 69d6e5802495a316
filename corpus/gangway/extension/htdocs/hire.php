<?php
require_once dirname(__FILE__) . '/inc/head.php';

$crews = array();
foreach (pm_Client::getAll() as $client) {
    $crews[$client->getId()] = $client->getProperty('pname');
}
$crew = (int) $_POST['crew'];
if (!isset($crews[$crew])) {
    die('Unknown');
}
pm_Settings::set('hired', $crew);

$ropes = array('hemp' => 3, 'wire' => 5);
$rope = $_POST['rope'];
if (!isset($ropes[$rope])) {
    die('Unknown');
}
pm_Settings::set('hired-rope', $rope);

$sites = array();
foreach (pm_Domain::getAllDomains() as $domain) {
    $sites[] = $domain->getId();
}
$site = $_POST['at'];
if (in_array($site, $sites)) {
    pm_Settings::set('hired-at', $site);
}
