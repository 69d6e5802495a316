<?php

class IndexController extends pm_Controller_Action
{
    public function indexAction()
    {
        $domain = pm_Session::getCurrentDomain();
        $links = new Modules_PanelLinks_Links();
        if ($this->getRequest()->isPost()) {
            $href = $this->_getParam('href');
            if (!preg_match('~^https?://~', $href)) {
                $this->_status->addError($this->lmsg('onlyWeb'));
            } else {
                $links->add($domain, $this->_getParam('title'), $href);
            }
        }
        $this->view->links = $links->all($domain);
    }
}
