<?php
class Modules_Sample_EventListener implements EventListener
{
    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        $log = new Log(); $path = pm_Context::getVarDir() . DIRECTORY_SEPARATOR . "report-{$objectId}.json";
        switch ($action) {
            case 'domain_delete':
                @unlink($path);
                break;
            case 'domain_create': case 'site_create':
                file_put_contents($path, json_encode(['pending' => [$objectId => true]], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES));
                $task = new Modules_Sample_Task_Scan(); $task->setParam('domainId', $objectId);
                (new pm_LongTask_Manager())->start($task, null);
                break;
        }
        $ids = explode(',', trim($this->_getParam('ids', ''), ',')); foreach ($ids as $id) { if (is_numeric($id) && pm_Session::getClient()->hasAccessToDomain((int)$id)) { $log->add("{$id}:" . pm_Domain::getByDomainId($id)->getName()); } }
    }
}
return new Modules_Sample_EventListener();
