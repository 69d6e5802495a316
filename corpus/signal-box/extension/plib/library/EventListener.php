<?php

class Modules_SignalBox_EventListener implements EventListener
{
    public function filterActions()
    {
        return ['domain_create', 'domain_delete', 'client_create', 'client_delete', 'site_alias_create', 'session_preferences_update'];
    }

    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        switch ($action) {
            case 'domain_create':
            case 'domain_delete':
                pm_Settings::set('changed-site', $objectId);
                pm_Settings::set('changed-name', $newValues['Domain Name']);
                break;
            case 'client_create':
                pm_Settings::set('customer-' . $objectId, time());
                break;
            case 'session_preferences_update':
                pm_Settings::set('preferences', $action);
                break;
        }
        if ($action === 'site_alias_create') {
            file_put_contents(pm_Context::getVarDir() . "alias-$objectId.json", json_encode($newValues));
        } elseif ('client_delete' == $action) {
            Modules_SignalBox_Lever::pull($objectId);
        }
        Modules_SignalBox_Track::note($objectType, $objectId);
    }
}

return new Modules_SignalBox_EventListener();
