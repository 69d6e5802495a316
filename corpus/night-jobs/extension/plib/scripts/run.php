<?php
pm_Context::init('night-jobs');
$jobs = new Modules_NightJobs_Jobs();
foreach ((array)json_decode((string)pm_Settings::get('commands'), true) as $name => $command) {
    $job = new Modules_NightJobs_Job($command);
    $domain = pm_Domain::getByName($name);
    $jobs->started($job, $domain->getClient(), $domain);
    pm_ApiCli::callSbin('night', [$domain->getSysUserLogin(), $job->getCommand()]);
}
