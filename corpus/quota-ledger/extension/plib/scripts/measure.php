<?php
pm_Context::init('quota-ledger');
$ledger = new Modules_QuotaLedger_Ledger();
foreach (pm_Domain::getAllDomains(true) as $domain) {
    $answer = pm_ApiCli::callSbin('measure', [$domain->getSysUserLogin()], pm_ApiCli::RESULT_FULL);
    if ($answer['code'] !== 0) {
        pm_Log::warn("no measurement of {$domain->getName()}: {$answer['stderr']}");
        continue;
    }
    list($bytes, $files) = explode(' ', trim($answer['stdout']));
    $ledger->measure($domain, (int)$bytes, (int)$files);
}
