<?php

class Modules_Understudy_Actor
{
    use Modules_Understudy_Cast;

    public function appear(pm_Client $client)
    {
        $this->play($client->getLogin());
        pm_Settings::set($this->bill(), 'on');
    }
}
