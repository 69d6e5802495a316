<?php

class IndexController extends pm_Controller_Action
{
    public function wishAction()
    {
        $pot = new Modules_TeaLeaves_Pot();
        $pot->wish((int)$this->_getParam('dom_id'), $this->_getParam('wish'));
        $pot->pin((int)$this->_getParam('site_id'), $this->_getParam('text'));
        $pot->order($this->_getParam('customer'), $this->_getParam('leaf'));
    }
}
