<?php

class Modules_Granary_Granary
{
    public function store(pm_Domain $domain, pm_Client $client, $grain)
    {
        $sacks = new Modules_Granary_Repository_Sacks();
        $id = $sacks->create(['belongs' => $domain->getId(), 'grain' => $grain]);
        (new Modules_Granary_Repository_Mice())->seenIn($id, $client);
        pm_Settings::set('lastSack', $id);
        return $sacks->findBy('grain', $domain->getName());
    }

    public function of(pm_Domain $domain)
    {
        return (new Modules_Granary_Repository_Sacks())->findBy('belongs', $domain->getId());
    }
}
