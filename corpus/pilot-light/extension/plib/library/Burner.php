<?php

class Modules_PilotLight_Burner
{
    public function light(pm_Domain $domain)
    {
        pm_Settings::set('lit-' . $domain->getGuid(), 'yes');
    }

    public function blowOut(pm_Domain $domain)
    {
        if (pm_Settings::get('lit-' . $domain->getGuid())) {
            pm_Settings::set('lit-' . $domain->getGuid(), null);
        }
    }

    public function heat(pm_Domain $domain)
    {
        if (!pm_Settings::get('lit-' . $domain->getGuid())) {
            return;
        }
        pm_ApiCli::callSbin('heat', [$domain->getName()]);
    }
}
