<?php

/** Each class keeps its rows under a name of its own. */
abstract class Modules_Heddle_Rows
{
    const KEY = 'rows';

    public $rows = [];

    public function save()
    {
        pm_Settings::set(static::KEY, json_encode($this->rows));
    }
}
