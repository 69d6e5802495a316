<?php

pm_Context::init('cert-watch');

$store = new Modules_CertWatch_Store();
$store->install();

$task = new pm_Scheduler_Task();
$task->setSchedule(pm_Scheduler::$EVERY_DAY);
$task->setCmd('daily.php');
pm_Scheduler::getInstance()->putTask($task);
pm_Settings::set('dailyTask', $task->getId());
