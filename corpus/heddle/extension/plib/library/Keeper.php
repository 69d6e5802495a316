<?php

abstract class Modules_Heddle_Keeper
{
    protected $prefix = '';

    protected function put($what, $value)
    {
        pm_Settings::set($this->prefix . $what, $value);
    }
}
