<?php
pm_Context::init('api-sync');
require_once pm_Context::getPlibDir() . 'vendor/autoload.php';

$state = new Modules_ApiSync_State();
$client = new Billing\Client(pm_Settings::get('url'), pm_Settings::getDecrypted('secret'));
foreach (pm_Domain::getAllDomains(true) as $domain) {
    $answer = $client->put($domain->getGuid(), ['name' => $domain->getName()], $state->etag($domain));
    if ($answer !== null) {
        $state->pushed($domain, $answer);
    }
}
