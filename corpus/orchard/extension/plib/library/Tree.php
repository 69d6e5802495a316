<?php

class Modules_Orchard_Tree
{
    const ROOT = 'root';

    public function plant(pm_Domain $domain, pm_Domain $root)
    {
        $domain->setSetting(self::ROOT, $root->getId());
        $domain->setSetting('rootName', $root->getName());
        $domain->setSetting('height', 3);
    }

    public function graft(pm_Domain $domain, pm_Client $gardener)
    {
        $domain->setSetting('graft', json_encode(['by' => $gardener->getId(), 'on' => date('c')]));
        $domain->setSetting('gardener', json_encode(['by' => $gardener->getGuid()]));
    }

    public function water(pm_Client $client, array $domains)
    {
        $ids = array_map(function (pm_Domain $domain) {
            return $domain->getId();
        }, $domains);
        $client->setSetting('watered', json_encode($ids));
        $client->setSetting('wateredNames', json_encode(array_map(fn (pm_Domain $d) => $d->getName(), $domains)));
    }

    public function rootOf(pm_Domain $domain)
    {
        $id = $domain->getSetting(self::ROOT);
        return $id === null ? null : pm_Domain::getByDomainId((int)$id);
    }
}
