<?php

class Modules_Slipway_Docks
{
    private $kept = [];

    public function launch(Modules_Slipway_Input $in)
    {
        $site = $in->number('berth');
        $hull = $in->number('hull');
        $domain = pm_Domain::getByDomainId($site);
        pm_Settings::set('launched', json_encode(['berth' => $site, 'hull' => $hull, 'flag' => $in->text('flag')]));
        return $domain->getName();
    }

    public function row(pm_Client $client)
    {
        $row = ['owner' => $client->getId(), 'crew' => 12];
        pm_Settings::set('owner', Modules_Slipway_Input::pick($row, 'owner'));
        pm_Settings::set('crew', Modules_Slipway_Input::pick($row, 'crew', 0));
    }

    public function keep($name, $value)
    {
        $this->kept[$name] = $value;
        return $this;
    }

    public function wait(pm_Domain $domain)
    {
        $this->keep('mooring', $domain->getId())->keep('tide', date('H'));
        pm_Settings::set('mooring', $this->kept['mooring']);
        pm_Settings::set('tide', $this->kept['tide']);
    }
}
