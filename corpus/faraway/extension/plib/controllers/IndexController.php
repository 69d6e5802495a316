<?php

class IndexController extends pm_Controller_Action
{
    public function addAction()
    {
        $store = new Modules_Faraway_Store_Agents(new Modules_Faraway_Store_Paths());
        foreach ((new Modules_Faraway_Remote(pm_Settings::get('token')))->agents() as $id => $agent) {
            $store->add($agent, $id);
            pm_Settings::set('agent-' . $agent['id'], $agent['name']);
            pm_Settings::set('place-' . $id, $agent['region']['id']);
        }
        $domain = pm_Session::getCurrentDomain();
        $store->watch($this->_getParam('agent_id'), $domain);
        pm_Settings::set('machine', $this->_getParam('machineId'));
        pm_Settings::set('region', json_encode(['id' => $this->_getParam('region_id'), 'site' => $domain->getGuid()]));
    }

    public function hearAction()
    {
        $echoes = new Modules_Faraway_Store_Echoes();
        $echoes->hear(pm_Session::getClient(), (int)$this->_getParam('volume'));
        $site = $this->_getParam('site');
        pm_Settings::set('heard-' . $site, pm_Domain::getByName($site)->getGuid());
    }
}
