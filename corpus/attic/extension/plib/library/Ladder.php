<?php

class Modules_Attic_Ladder
{
    public function carry(pm_Domain $domain, $weight)
    {
        attic_put('trunks', ['belongs' => $domain->getId(), 'label' => $domain->getName(), 'weight' => $weight]);
        attic_put('shelves', ['belongs' => $domain->getName(), 'label' => strlen($domain->getName()), 'keeper' => $this->turn]);
    }

    public function keepers()
    {
        $found = [];
        foreach (attic_all('shelves') as $shelf) {
            $found[] = pm_Client::getByClientId($shelf['keeper'])->getLogin();
        }
        foreach (attic_all('trunks') as $trunk) {
            $found[] = pm_Domain::getByName($trunk['label'])->getDisplayName();
        }
        return $found;
    }

    public function sweep()
    {
        foreach (attic_column('corner') as $corner) {
            pm_Domain::getByDomainId($corner)->getName();
        }
        return array_sum(attic_column('spider'));
    }
}
