<?php

class Modules_EventRecorder_EventListener implements EventListener
{
    public function filterActions()
    {
        return ['domain_create', 'domain_update', 'domain_delete', 'client_create', 'client_delete'];
    }

    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        try {
            $journal = new Modules_EventRecorder_Journal();
            $journal->write($objectType, $objectId, $action);
            if (strpos($action, 'domain_') === 0 && $action !== 'domain_delete') {
                $journal->keepGuid(new pm_Domain($objectId));
            }
        } catch (Exception $e) {
            pm_Log::err($e->getMessage());
        }
    }
}

return new Modules_EventRecorder_EventListener();
