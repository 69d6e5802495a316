<?php

class Modules_Windlass_Form_Crew extends pm_Form_Simple
{
    public function init()
    {
        parent::init();
        $options = array();
        foreach (pm_Client::getAll() as $client) {
            $options[$client->getId()] = $client->getProperty('pname');
        }
        $this->addElement('multiCheckbox', 'crew', array('label' => 'Crew', 'multiOptions' => $options));
        $this->addElement('select', 'captain', array('label' => 'Captain', 'multiOptions' => $options));
        $this->addElement('select', 'rope', array('label' => 'Rope', 'multiOptions' => array('hemp' => 'Hemp', 'wire' => 'Wire')));
        $this->addElement('hidden', 'deck', array('value' => pm_Session::getCurrentDomain()->getId()));
        $this->addElement('hidden', 'title', array('value' => pm_Session::getCurrentDomain()->getName()));
    }

    public function process()
    {
        $crew = $this->getValue('crew');
        $watch = array('hours' => 4);
        if (!empty($crew)) {
            $watch['crew'] = join(';', $crew);
        }
        pm_Settings::set('watch', json_encode($watch));
        pm_Settings::set('captain', $this->getElement('captain')->getValue());
        pm_Settings::set('rope', $this->getElement('rope')->getValue());
        pm_Settings::set('deck', $this->deck->getValue());
        pm_Settings::set('title', $this->title->getValue());
    }
}
