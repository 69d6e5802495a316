<?php

abstract class Modules_Footbridge_Handlers implements EventListener
{
    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        $method = 'on' . str_replace('_', '', ucwords($action, '_'));
        if (method_exists($this, $method)) {
            $this->$method($objectId, $newValues);
        }
    }
}
