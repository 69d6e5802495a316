<?php

namespace PleskExt\Loom;

use pm_Client;
use pm_Domain;

class Workshop
{
    public function weave(pm_Domain $domain, ?pm_Client $client = null): void
    {
        $shuttle = new Shuttle();
        $shuttle->site = $domain->getId();
        $shuttle->title = $domain->getName();
        $shuttle->save();

        $spool = new Spool();
        $spool->title = $domain->getName();
        $spool->length = 12;
        $spool->save();

        $tapestry = Tapestry::on($domain);
        if ($client) {
            $tapestry->ownedBy($client);
        }
        $tapestry->hang();
        Tapestry::remember();
    }

    public function site(): ?pm_Domain
    {
        $shuttle = new Shuttle();
        return $shuttle->site ? new pm_Domain($shuttle->site) : null;
    }
}
