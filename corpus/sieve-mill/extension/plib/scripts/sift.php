<?php
pm_Context::init('sieve-mill');

$mill = new Modules_SieveMill_Mill();
foreach (pm_Domain::getAllDomains() as $domain) {
    $mill->queue($domain);
    $mill->bin($domain);
    $mill->rotate($domain);
}
