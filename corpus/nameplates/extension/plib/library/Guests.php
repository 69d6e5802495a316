<?php

class Modules_Nameplates_Guests
{
    public function welcome(Modules_Nameplates_Guest $guest)
    {
        pm_Settings::set('guest-' . $guest->getDisplayName(), time());
        pm_Log::info('welcome ' . pm_Session::getClient()->getProperty('pname'));
    }
}
