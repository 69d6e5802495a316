<?php

class IndexController extends pm_Controller_Action
{
    protected $_accessLevel = 'admin';

    public function indexAction()
    {
        $notes = new Modules_GuidNotes_Notes();
        $this->view->notes = [];
        foreach ($notes->sites() as $domain => $text) {
            // The id goes into a link of this page and is not kept.
            $this->view->notes[] = ['link' => '/admin/domain/overview/id/' . $domain->getId(), 'name' => $domain->getDisplayName(), 'text' => $text];
        }
    }

    public function addAction()
    {
        $notes = new Modules_GuidNotes_Notes();
        $domain = pm_Domain::getByDomainId($this->_getParam('domain_id'));
        $notes->aboutSite($domain, $this->_getParam('text'));
        $this->_helper->json(['redirect' => pm_Context::getBaseUrl()]);
    }
}
