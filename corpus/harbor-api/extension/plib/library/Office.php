<?php

class Modules_HarborApi_Office
{
    public function rent(Modules_HarborApi_Client $client, pm_Domain $domain)
    {
        $berth = $client->berth(2);
        pm_Settings::set('berth-' . $berth->getId(), $domain->getName());
        pm_Settings::set('client', $client->getId());
        pm_Settings::set('zone', json_encode(['zone_id' => $berth->zoneId]));
        $domain->setSetting('berth', $berth->getId());
        file_put_contents(pm_Context::getVarDir() . 'berths/' . $berth->getId() . '.json', json_encode($berth));
        pm_Settings::set('rented-' . $domain->getId(), $berth->getId());
    }

    public function watch(pm_Scheduler_Task $task, pm_CustomButton $button, pm_LongTask_Task $long)
    {
        pm_Settings::set('watch-task', $task->getId());
        pm_Settings::set('watch-button-' . $button->getId(), '1');
        pm_Settings::set('watch-long', $long->getId());
        pm_Settings::set('extension', pm_Extension::getById('harbor-api')->getId());
    }
}
