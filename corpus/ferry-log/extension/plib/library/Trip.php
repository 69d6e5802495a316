<?php

/**
 * One trip. Kept as JSON: the public properties are its fields.
 */
class Modules_FerryLog_Trip
{
    public $id;
    public $site;
    public $weight = 0;

    public function __construct(pm_Domain $domain, $weight)
    {
        $this->id = uniqid('trip', true);
        $this->site = $domain->getId();
        $this->weight = $weight;
    }
}
