<?php

class ManyController extends pm_Controller_Action
{
    public function saveAction()
    {
        $options = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $options[$domain->getId()] = $domain->getName();
        }
        $form = new pm_Form_Simple();
        $form->addElement('multiCheckbox', 'several', ['multiOptions' => $options]);
        $form->addElement('multiCheckbox', 'days', ['multiOptions' => ['mo' => 'Monday', 'tu' => 'Tuesday']]);
        pm_Settings::set('several', json_encode(array_values((array)$form->getValue('several'))));
        pm_Settings::set('days', json_encode(array_values((array)$form->getValue('days'))));
    }
}
