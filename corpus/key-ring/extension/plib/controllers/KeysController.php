<?php

class KeysController extends pm_Controller_Action
{
    public function addAction()
    {
        $ring = new Modules_KeyRing_Ring();
        try {
            $fingerprint = $ring->add(pm_Session::getClient(), $this->_getParam('label'), $this->_getParam('key'));
            foreach (pm_Session::getCurrentDomains() as $domain) {
                $ring->grant($fingerprint, $domain);
            }
            $this->_status->addInfo($this->lmsg('added', ['fingerprint' => $fingerprint]));
        } catch (pm_Exception $e) {
            $this->_status->addError($e->getMessage());
        }
        $this->_redirect('keys/list');
    }
}
