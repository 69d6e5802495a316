<?php

/**
 * A pot has settings of its own, in memory.
 */
class Modules_Orchard_Pot
{
    public $settings = [];

    public function setSetting($name, $value)
    {
        $this->settings[$name] = $value;
    }

    public function fill(pm_Domain $domain)
    {
        $this->setSetting('domain', $domain->getId());
    }
}
