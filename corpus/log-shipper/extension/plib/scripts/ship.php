<?php
pm_Context::init('log-shipper');
$queue = new Modules_LogShipper_Queue();
foreach (pm_Domain::getAllDomains() as $domain) {
    if ($domain->getSetting('ship') !== 'yes') {
        continue;
    }
    $log = pm_ApiCli::callSbin('tail-log', [$domain->getName()]);
    $queue->put($domain->getName(), explode("\n", $log['stdout']));
}
$queue->each([new Modules_LogShipper_Collector(), 'send']);
