<?php

class IndexController extends pm_Controller_Action
{
    protected $_accessLevel = ['admin', 'client'];

    public function dropAction()
    {
        $domId = (int)$_POST['dom_id'];
        pm_Settings::set('dropped', json_encode(['where' => $domId, 'what' => $_POST['text']]));
        $domain = new pm_Domain($domId);
        $this->_redirect('index/done?dom_id=' . $domId . '&name=' . $domain->getName());
    }

    public function awsAction()
    {
        $client = new Modules_Postbox_Cloud($_POST['client_id'], $_POST['client_secret']);
        pm_Settings::set('cloud-client', $_POST['client_id']);
        pm_Settings::set('cloud-bucket', $client->bucket($this->getRequest()->getParam('id')));
    }

    public function moveAction()
    {
        $request = $this->getRequest();
        foreach (array_filter(array_map('intval', explode(',', $request->getParam('domains', '')))) as $id) {
            if (!pm_Session::getClient()->hasAccessToDomain($id)) {
                continue;
            }
            pm_Settings::set('moved_' . $id, time());
        }
        pm_Settings::set('page', (int)$request->getParam('page', 1));
    }

    public function formAction()
    {
        $form = new pm_Form_Simple();
        $form->addElement('hidden', 'webspace_id', ['value' => pm_Session::getCurrentDomain()->getId()]);
        $form->addElement('text', 'subject', ['value' => '']);
        if ($this->getRequest()->isPost() && $form->isValid($this->getRequest()->getPost())) {
            pm_Domain::getByDomainId($form->getValue('webspace_id'));
            pm_Settings::set('box', $form->getValue('webspace_id'));
            pm_Settings::set('subject', $form->getValue('subject'));
        }
        $this->view->form = $form;
    }
}
