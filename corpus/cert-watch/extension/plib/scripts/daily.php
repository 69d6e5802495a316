<?php

pm_Context::init('cert-watch');

$store = new Modules_CertWatch_Store();
$probe = new Modules_CertWatch_Probe();

foreach (pm_Domain::getAllDomains() as $domain) {
    if (!$domain->hasHosting()) {
        continue;
    }
    $certificate = $probe->ask($domain->getName());
    if ($certificate === null) {
        continue;
    }
    $store->remember($domain, $certificate);
}

$days = (int)pm_Settings::get('warnDays', 14);
foreach ($store->endingWithin($days) as $row) {
    $domain = pm_Domain::getByDomainId($row['domain_id']);
    $left = (int)floor(($row['expires_at'] - time()) / 86400);
    if ($store->wasReminded($domain, $left)) {
        continue;
    }
    $owner = $domain->getClient();
    $mail = new Zend_Mail('UTF-8');
    $mail->setSubject(pm_Locale::lmsg('mail.subject', ['domain' => $row['domain_name'], 'days' => $left]));
    $mail->setBodyText(pm_Locale::lmsg('mail.body', ['issuer' => $row['issuer']]));
    $mail->addTo($owner->getProperty('email'));
    $mail->send();
    $store->reminderSent($domain, $left, $owner->getProperty('email'));
}
