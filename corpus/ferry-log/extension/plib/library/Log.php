<?php

class Modules_FerryLog_Log
{
    public function trip(pm_Domain $domain, $weight)
    {
        $trip = new Modules_FerryLog_Trip($domain, $weight);
        pm_Settings::set('trip', json_encode($trip));
    }

    public function ticket(pm_Client $client)
    {
        pm_Settings::set('ticket', json_encode(new Modules_FerryLog_Ticket($client, 4)));
    }

    public function crew(array $clients)
    {
        $crew = array();
        foreach ($clients as $login => $task) {
            $client = pm_Client::getByLogin($login);
            $crew[(string)$client->getId()] = $task;
        }
        pm_Settings::set('crew', json_encode($crew));
        pm_Settings::set('crewNames', json_encode(array_keys($clients)));
    }

    public function manifest(pm_Domain $domain, pm_Client $client)
    {
        $manifest = array(
            'from' => array('domain' => $domain->getId(), 'name' => $domain->getName()),
            'to' => array('guid' => $client->getGuid()),
        );
        pm_Settings::set('manifest', base64_encode(json_encode($manifest)));
    }

    public function route()
    {
        $route = array();
        foreach (pm_Domain::getAllDomains() as $domain) {
            $route[] = $domain->getId();
        }
        pm_Settings::set('route', implode(',', $route));
        pm_Settings::set('routeLength', count($route));
    }

    public function crane(pm_Domain $domain, $load)
    {
        $state = array('load' => $load, 'on' => $domain->getId());
        pm_Settings::set('crane', serialize($state));
        pm_Settings::set('craneOf', serialize(array('on' => $domain->getGuid(), 'id' => uniqid())));
    }

    public function next()
    {
        $route = explode(',', pm_Settings::get('route', ''));
        return new pm_Domain(reset($route));
    }
}
