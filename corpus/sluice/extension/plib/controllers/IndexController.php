<?php

class IndexController extends pm_Controller_Action
{
    private $names = ['host', 'target', 'port'];

    private function domains()
    {
        $options = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $options[$domain->getId()] = $domain->getName();
        }
        return $options;
    }

    private function form()
    {
        $form = new pm_Form_Simple();
        $form->addElement('text', 'host', ['label' => 'Host']);
        $form->addElement('select', 'target', ['multiOptions' => $this->domains()]);
        $form->addElement('select', 'source', ['multiOptions' => $this->domains()]);
        $form->addElement('select', 'colour', ['multiOptions' => ['red' => 'Red', 'blue' => 'Blue']]);
        return $form;
    }

    public function saveAction()
    {
        $form = $this->form();
        foreach ($this->names as $name) {
            pm_Settings::set($name, $form->getValue($name));
        }
    }

    public function pickAction()
    {
        $values = $this->form()->getValues();
        foreach (['source', 'colour'] as $name) {
            pm_Settings::set('picked_' . $name, $values[$name]);
        }
    }

    public function allAction()
    {
        foreach ($this->form()->getValues() as $name => $value) {
            pm_Settings::set('all.' . $name, is_array($value) ? json_encode($value) : $value);
        }
    }

    public function fixedAction()
    {
        foreach (['own_site' => pm_Session::getCurrentDomain()->getId(), 'own_language' => 'en'] as $name => $value) {
            pm_Settings::set($name, $value);
        }
    }
}
