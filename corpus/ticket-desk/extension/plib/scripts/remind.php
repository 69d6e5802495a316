<?php

pm_Context::init('ticket-desk');

// One letter a day to the administrator while something waits for an answer.
$waiting = 0;
foreach (pm_Client::getAllClients() as $client) {
    foreach (Modules_TicketDesk_Tickets::ofClient($client) as $ticket) {
        if ($ticket['opened'] < time() - 86400) {
            $waiting++;
        }
    }
}
if ($waiting > 0) {
    $mail = new Zend_Mail('UTF-8');
    $mail->addTo(pm_Client::getByLogin('admin')->getProperty('email'));
    $mail->setSubject(sprintf('%d tickets wait', $waiting));
    $mail->setBodyText(pm_Context::getBaseUrl());
    $mail->send();
}
