<?php

class IndexController extends pm_Controller_Action
{
    public function sayAction()
    {
        $ear = new Modules_Hearsay_Ear();
        $ear->whisper($this->_getParam('site_id'), $this->_getParam('text'));
        $ear->tale($this->_getParam('teller'), $this->_getParam('item'), $this->_getParam('text'));
        $this->view->domains = pm_Session::getCurrentDomains();
    }
}
