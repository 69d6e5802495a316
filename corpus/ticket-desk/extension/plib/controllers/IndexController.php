<?php

class IndexController extends pm_Controller_Action
{
    public function indexAction()
    {
        $this->view->tickets = Modules_TicketDesk_Tickets::ofClient(pm_Session::getClient());
    }

    public function openAction()
    {
        if (!$this->getRequest()->isPost()) {
            return;
        }
        $domain = null;
        if ($this->_getParam('dom_id')) {
            if (!pm_Session::getClient()->hasAccessToDomain((int)$this->_getParam('dom_id'))) {
                throw new pm_Exception($this->lmsg('notYours'));
            }
            $domain = new pm_Domain((int)$this->_getParam('dom_id'));
        }
        Modules_TicketDesk_Tickets::open(pm_Session::getClient(), $this->_getParam('subject'), $this->_getParam('text'), $domain);
        $this->_redirect('index/index');
    }
}
