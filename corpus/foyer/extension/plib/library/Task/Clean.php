<?php

class Modules_Foyer_Task_Clean extends pm_LongTask_Task
{
    const UID = 'clean';

    public $trackProgress = true;

    public function run()
    {
        foreach ($this->getParam('rooms', []) as $id) {
            $domain = pm_Domain::getByDomainId($id);
            pm_Log::info('foyer: ' . $domain->getName() . ' with ' . $this->getParam('mop'));
        }
    }

    public function statusMessage()
    {
        return $this->getStatus() . ' ' . $this->getId();
    }
}
