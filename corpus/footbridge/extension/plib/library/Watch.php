<?php

class Modules_Footbridge_Watch extends Modules_Footbridge_Handlers
{
    public function onDomainCreate($id, $values)
    {
        pm_Settings::set('watch-site', $id);
        pm_Settings::set('watch-site-name', $values['Domain Name']);
    }

    public function onClientDelete($id)
    {
        pm_Settings::set('watch-gone', $id);
    }
}
