<?php
pm_Context::init('gangway');

$seen = array();
foreach (pm_Domain::getAllDomains() as $domain) {
    $seen[] = $domain->getId();
}
file_put_contents(pm_Context::getVarDir() . 'seen.bin', pack('N*', ...$seen));
file_put_contents(pm_Context::getVarDir() . 'round.bin', pack('N', count($seen)));
file_put_contents(pm_Context::getVarDir() . 'mark', dechex($domain->getId()));
