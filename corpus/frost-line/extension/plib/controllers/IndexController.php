<?php

use PleskExt\FrostLine\Memory;
use PleskExt\FrostLine\Prefs;

class IndexController extends pm_Controller_Action
{
    public function saveAction()
    {
        $domain = pm_Session::getCurrentDomain();
        $memory = new Memory();
        $memory->setSetting('shown-' . $domain->getId(), true);
        Memory::set('at-' . $domain->getId(), time());
        (new Prefs())->limit($domain, (int)$this->_getParam('limit'));
    }
}
