<?php

class Modules_SmokeAlarm_EventListener implements EventListener
{
    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if ($action === 'phys_hosting_create') {
            $domain = new pm_Domain($objectId);
            try {
                Modules_SmokeAlarm_Detector::mount($domain);
            } catch (pm_Exception $e) {
                pm_Settings::set('smoke-' . $domain->getId(), $e->getMessage());
                pm_Settings::set('smell-' . $domain->getName(), time());
            }
        } elseif ($action === 'domain_delete' && pm_Settings::get('smoke-' . $objectId)) {
            pm_Settings::set('smoke-' . $objectId, null);
        }
    }

    public function air(pm_Domain $domain)
    {
        if (pm_Settings::get('smell-' . $domain->getName())) {
            pm_Settings::set('smell-' . $domain->getName(), '');
        }
    }
}

return new Modules_SmokeAlarm_EventListener();
