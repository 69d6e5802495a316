<?php

class Modules_Gangway_EventListener implements EventListener
{
    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if ($action == 'mailname_create') {
            pm_Settings::set('box-' . $objectId, 'new');
        }
    }
}
