<?php

/**
 * A zone at the authority's name servers.
 */
class Modules_Menagerie_Zone
{
    private $id;

    public function __construct($id)
    {
        $this->id = $id;
    }

    public function getId()
    {
        return $this->id;
    }
}
