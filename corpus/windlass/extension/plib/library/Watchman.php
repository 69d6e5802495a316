<?php

class Modules_Windlass_Watchman implements EventListener
{
    private $handlers = [
        'site_create' => 'onMade',
        'client_update' => 'onClient',
        'domain_delete' => 'onGone',
    ];

    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if (isset($this->handlers[$action])) {
            $this->{$this->handlers[$action]}($objectId, $newValues);
        }
    }

    private function onMade($id, $new)
    {
        pm_Settings::set('last-made', $id);
    }

    private function onClient($id, $new)
    {
        pm_Settings::set('last-client', $id);
        pm_Settings::set('last-login', $new['Login Name']);
    }

    private function onGone($id, $new)
    {
        touch(pm_Context::getVarDir() . 'gone/' . md5($id));
    }
}
