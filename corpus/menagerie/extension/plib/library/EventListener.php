<?php

class Modules_Menagerie_EventListener implements EventListener
{
    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if ($objectType === 'database') {
            pm_Settings::set('hatched', $objectId);
            pm_Settings::set('hatched-name', $newValues['Database Name']);
        }
        switch ($objectType) {
            case 'mailname':
                pm_Settings::set('mail-event', $newValues['Mail Name']);
                break;
            case 'template_domain':
                pm_Settings::set("plan-seen-$objectId", $newValues['Service Plan Name']);
                break;
        }
    }
}

return new Modules_Menagerie_EventListener();
