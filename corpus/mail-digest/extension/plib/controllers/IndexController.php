<?php

class IndexController extends pm_Controller_Action
{
    public function indexAction()
    {
        $client = pm_Session::getClient();
        $recipients = new Modules_MailDigest_Recipients();
        $form = new pm_Form_Simple();
        $form->addElement('select', 'frequency', array(
            'label' => $this->lmsg('frequency'),
            'multiOptions' => array('weekly' => $this->lmsg('weekly'), 'monthly' => $this->lmsg('monthly'), 'never' => $this->lmsg('never')),
        ));
        $form->addControlButtons(array('cancelLink' => pm_Context::getModulesListUrl()));

        if ($this->getRequest()->isPost() && $form->isValid($this->getRequest()->getPost())) {
            if ('never' == $form->getValue('frequency')) {
                $recipients->unsubscribe($client);
            } else {
                $recipients->subscribe($client, $form->getValue('frequency'));
            }
            $this->_status->addMessage('info', $this->lmsg('saved'));
            $this->_helper->json(array('redirect' => pm_Context::getBaseUrl()));
        }
        $this->view->form = $form;
    }
}
