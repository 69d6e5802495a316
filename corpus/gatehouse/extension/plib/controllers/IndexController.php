<?php

class IndexController extends pm_Controller_Action
{
    public function passAction()
    {
        $siteId = (int)$this->_getParam('site_id');
        $domain = pm_Domain::getByDomainId($siteId);
        pm_Settings::set('pass', $siteId);
        $webspace = $domain->getProperty('webspace_id');
        pm_Settings::set("webspace_{$webspace}", $domain->getName());
        pm_Settings::set('title', $domain->getProperty('displayName'));
    }

    public function blockAction()
    {
        if ($this->getRequest()->isPost()) {
            $clientId = $this->getRequest()->getPost('client_id');
            $client = pm_Client::getByClientId($clientId);
            pm_Settings::set('blocked:' . $clientId, $client->getLogin());
        }
        $guard = pm_Session::getImpersonatedClientId();
        if ($guard !== null) {
            pm_Settings::set('guard', $guard);
        }
    }

    public function lookAction()
    {
        $name = $this->_getParam('id');
        $domain = pm_Domain::getByName($name);
        pm_Settings::set('looked-' . $name, time());
        $instance = $this->getRequest()->getQuery('instance_id');
        pm_Settings::set('instance', $instance);
        $this->view->domain = $domain;
    }

    public function listAction()
    {
        foreach ((array)$this->_getParam('ids') as $id) {
            $domain = new pm_Domain($id);
            pm_Settings::set('listed-' . $id, $domain->getName());
        }
    }
}
