<?php
class IndexController extends pm_Controller_Action
{
    public function pickAction()
    {
        $ponds = $names = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $ponds[$domain->getId()] = $domain->getDisplayName();
            $names[$domain->getName()] = $domain->getDisplayName();
        }
        $form = new pm_Form_Simple();
        $form->addElement('select', 'pond', ['label' => 'Pond', 'multiOptions' => $ponds]);
        $form->addElement('select', 'name', ['label' => 'Name', 'multiOptions' => $names]);
        $form->addElement('select', 'season', ['multiOptions' => ['spring' => 'Spring', 'autumn' => 'Autumn']]);
        if ($this->getRequest()->isPost() && $form->isValid($this->getRequest()->getPost())) {
            pm_Settings::set('chosen', $form->getValue('pond'));
            pm_Settings::set('called', $form->getValue('name'));
            pm_Settings::set('season', $form->getValue('season'));
        }
        $this->view->form = $form;
    }

    public function otherAction()
    {
        pm_Settings::set('asked', $this->_getParam('season'));
    }
}
