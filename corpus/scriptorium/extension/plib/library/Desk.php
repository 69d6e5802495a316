<?php

class Modules_Scriptorium_Desk
{
    public function copy(pm_Domain $domain, array $lines)
    {
        $scroll = new Modules_Scriptorium_Scroll(['length' => count($lines)]);
        $scroll->scribe = $domain->getClient()->getId();
        $scroll->keep();
        $ink = new Modules_Scriptorium_Ink(['scribe' => strlen($lines[0])]);
        $ink->subject = $domain->getName();
        $ink->keep();
    }
}
