<?php

class Modules_Sluice_Form_Options extends pm_Form_Simple
{
    public function init()
    {
        parent::init();
        $options = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $options[$domain->getId()] = $domain->getName();
        }
        $this->addElement('select', 'home', ['multiOptions' => $options]);
        $this->addElement('text', 'motto', []);
    }
}
