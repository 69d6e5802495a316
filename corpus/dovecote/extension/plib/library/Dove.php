<?php

class Modules_Dovecote_Dove
{
    /** @var pm_Domain */
    private $home;

    /** @var string[] */
    private $letters = array();

    /**
     * @param pm_Domain $home
     */
    public function __construct($home)
    {
        $this->home = $home;
    }

    /**
     * The id of the domain, as people know it.
     *
     * @return string the domain's name
     */
    public function homeId()
    {
        return $this->home->getName();
    }

    public function fly()
    {
        pm_Settings::set('flown-' . $this->home->getId(), time());
        pm_Settings::set('home-' . $this->homeId(), time());
    }
}
