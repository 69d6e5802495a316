<?php

class Modules_Footbridge_Toll implements EventListener
{
    public function filterActions()
    {
        return ['domain_create', 'domain_delete', 'client_create', 'client_delete', 'reseller_create'];
    }

    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if (in_array($objectType, ['client', 'reseller'], true)) {
            pm_Settings::set('toll-of-' . $objectId, 'due');
        } else {
            pm_Settings::set('barrier-' . $objectId, 'down');
        }

        switch ($objectType) {
            case 'domain':
                pm_Settings::set('lane', $objectId);
                break;
            default:
                pm_Settings::set('payer', $objectId);
        }

        $key = $action === 'domain_create' || $action === 'domain_delete' ? "car-$objectId" : "driver-$objectId";
        pm_Settings::set($key, 'seen');

        if ($objectType === 'domain') {
            return;
        }
        file_put_contents(pm_Context::getVarDir() . "fines/$objectId.txt", $newValues['Login Name']);
    }
}
