<?php

class Modules_Footbridge_EventListener implements EventListener
{
    const WAYS = [
        'client_update' => 'client',
        'phys_hosting_update' => 'hosting',
    ];

    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if ($objectType !== 'domain' && $objectType !== 'client') {
            return;
        }
        if ($objectType === 'client') {
            $this->client($objectId, $newValues);
            return;
        }
        file_put_contents(pm_Context::getVarDir() . 'crossed.json', json_encode(['site' => $objectId, 'was' => $oldValues['Domain Name']]));
        if (in_array($action, ['domain_create', 'domain_update'])) {
            $this->site($objectId);
        }
    }

    private function client($id, array $values)
    {
        pm_Settings::set('walker', $id);
        pm_Settings::set('walkerName', $values['Login Name']);
    }

    private function site($id)
    {
        pm_Settings::set("plank-$id", 'loose');
    }
}
