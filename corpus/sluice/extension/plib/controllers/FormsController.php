<?php

class FormsController extends pm_Controller_Action
{
    public function optionsAction()
    {
        $form = new Modules_Sluice_Form_Options();
        foreach ($form->getValues() as $name => $value) {
            pm_Settings::set('option.' . $name, $value);
        }
    }

    private function jumpForm()
    {
        $options = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $options[$domain->getId()] = $domain->getName();
        }
        $form = new pm_Form_Simple();
        $form->addElement('select', 'jump', ['multiOptions' => $options]);
        return $form;
    }

    private function looksForm()
    {
        $form = new pm_Form_Simple();
        $form->addElement('select', 'theme', ['multiOptions' => ['dark' => 'Dark', 'light' => 'Light']]);
        return $form;
    }

    public function jumpAction()
    {
        $values = $this->jumpForm()->getValues();
        $this->_redirect('/site/' . $values['jump']);
    }

    public function looksAction()
    {
        foreach ($this->looksForm()->getValues() as $name => $value) {
            pm_Settings::set('look.' . $name, $value);
        }
    }
}
