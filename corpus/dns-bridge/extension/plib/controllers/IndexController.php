<?php

class IndexController extends pm_Controller_Action
{
    public function zoneAction()
    {
        $domain = pm_Domain::getByDomainId($this->_getParam('site_id'));
        $storage = new Modules_DnsBridge_Storage();
        if ($this->getRequest()->isPost()) {
            $client = new Modules_DnsBridge_Client(pm_Settings::getDecrypted('token'));
            $zone = $client->createZone($domain->getName(), pm_Settings::get('account_id'));
            $storage->saveZone($domain, $zone);
            $record = $client->createRecord($zone['id'], 'A', $domain->getName(), current($domain->getIpAddresses()));
            $storage->saveRecord($zone['id'], $record);
        }
        $this->view->zoneId = $storage->zoneOf($domain);
    }
}
