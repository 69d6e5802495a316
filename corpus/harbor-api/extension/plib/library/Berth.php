<?php

class Modules_HarborApi_Berth
{
    public $id;
    public $zoneId;

    public function __construct($id, $zoneId)
    {
        $this->id = $id;
        $this->zoneId = $zoneId;
    }

    public function getId()
    {
        return $this->id;
    }
}
