<?php

class Modules_Caravan_Bag
{
    public function keep($name, $value)
    {
        pm_Settings::set('bag/' . $name, $value);
    }

    public function lose($name)
    {
        pm_Settings::set('lost/' . $name, date('c'));
    }
}
