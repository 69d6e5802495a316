<?php

class IndexController extends pm_Controller_Action
{
    private function asked($name, $else = null)
    {
        return $this->getRequest()->getParam($name, $else);
    }

    private function clean($text)
    {
        return trim(strip_tags($text));
    }

    private function pair($one, $other)
    {
        return ['one' => $one, 'other' => $other];
    }

    public function berthAction()
    {
        $this->view->domain = new pm_Domain($this->asked('place'));
        pm_Settings::set('depth', $this->asked('depth'));
        pm_Settings::set('place', $this->asked('place'));
    }

    public function cleanAction()
    {
        $domain = pm_Domain::getByName($this->_getParam('name'));
        pm_Settings::set('washed', $this->clean($domain->getId()));
        pm_Settings::set('washed_name', $this->clean($domain->getName()));
        pm_Settings::set('soap', $this->clean($this->_getParam('soap')));
    }

    public function pairAction()
    {
        $client = pm_Session::getClient();
        pm_Settings::set('pair', json_encode($this->pair($client->getId(), $client->getLogin())));
        pm_Settings::set('swapped', json_encode($this->pair('port', 'starboard')));
    }

    public function chosenAction()
    {
        $sites = $cranes = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $sites[$domain->getId()] = $domain->getName();
        }
        foreach ($this->asked('cranes', []) as $crane) {
            $cranes[$crane] = $crane;
        }
        $first = new pm_Domain(array_key_first($sites));
        pm_Settings::set('cranes', json_encode(array_keys($cranes)));
        pm_Settings::set('first', $first->getId());
    }
}
