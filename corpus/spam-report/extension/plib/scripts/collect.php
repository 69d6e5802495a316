<?php

pm_Context::init('spam-report');

$adapter = new Zend_Db_Adapter_Pdo_Sqlite(array('dbname' => pm_Context::getVarDir() . 'held.db'));
foreach (Modules_SpamReport_Repository_Held::tables() as $statement) {
    $adapter->getConnection()->exec($statement);
}
$held = new Modules_SpamReport_Repository_Held($adapter);
$levels = new Modules_SpamReport_Levels($adapter->getConnection());

foreach (pm_Domain::getAllDomains() as $domain) {
    $report = new Modules_SpamReport_Report($domain->getId(), $held);
    $limit = $levels->ofClient($domain->getClient());
    $answer = pm_ApiCli::callSbin('spam-log', array($domain->getName()));
    foreach (explode("\n", trim($answer['stdout'])) as $line) {
        if (substr_count($line, "\t") !== 2) {
            continue;
        }
        list($box, $sender, $score) = explode("\t", $line);
        if ((float)$score >= $limit) {
            $report->hold($box, $sender, (float)$score);
            $levels->count((int)date('G'));
        }
    }
}
