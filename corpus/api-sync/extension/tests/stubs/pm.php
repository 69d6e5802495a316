<?php

/** Just enough of the panel for the tests. */
class pm_Domain
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

    public function getName()
    {
        return "site{$this->id}.example";
    }

    public function getGuid()
    {
        return '00000000-0000-4000-8000-' . str_pad((string)$this->id, 12, '0', STR_PAD_LEFT);
    }
}
