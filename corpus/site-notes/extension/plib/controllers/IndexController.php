<?php

class IndexController extends pm_Controller_Action
{
    public function indexAction()
    {
        $domain = pm_Session::getCurrentDomain();
        $notes = new Modules_SiteNotes_Notes();
        if ($this->getRequest()->isPost()) {
            $notes->save($domain, trim($this->getRequest()->getPost('note')));
            $this->_helper->json(['redirect' => pm_Context::getBaseUrl()]);
            return;
        }
        $this->view->site = $domain->getName();
        $this->view->note = $notes->of($domain);
    }
}
