<?php

class Modules_Relay_Tent
{
    private $ground;

    public function __construct($ground)
    {
        $this->ground = $ground;
    }

    public function pitch()
    {
        pm_Settings::set('tent-' . $this->ground, date('c'));
    }
}
