<?php

pm_Context::init('audit-trail');

// The daemon that writes the entries is a program of its own: sbin/auditd. It only has to be told where.
$result = pm_ApiCli::callSbin('auditd', ['--database', pm_Context::getVarDir() . 'audit.sqlite'], pm_ApiCli::RESULT_FULL);
if ($result['code'] !== 0) {
    pm_Log::err('auditd: ' . $result['stderr']);
    exit(1);
}
(new Modules_AuditTrail_Repository())->forget(time() - (int)pm_Settings::get('days', 365) * 86400);
