<?php

/**
 * Who is told when a site is down.
 */
class Modules_SiteNotes_Alarms
{
    public function tell(pm_Domain $domain, $mail)
    {
        pm_Settings::set('alarm-' . $domain->getId(), $mail);
    }

    public function rang(pm_Domain $domain, $why)
    {
        pm_Settings::set('lastAlarm', json_encode(['domainId' => $domain->getId(), 'why' => $why]));
    }
}
