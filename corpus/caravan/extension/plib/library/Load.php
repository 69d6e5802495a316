<?php

abstract class Modules_Caravan_Load
{
    protected $parts;

    public function __construct(array $parts)
    {
        $this->parts = $parts;
    }

    public function key($suffix)
    {
        return 'load-' . $suffix;
    }

    public function save()
    {
        pm_Settings::set(static::NAME, json_encode($this->parts));
    }
}
