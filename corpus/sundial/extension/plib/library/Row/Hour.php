<?php

class Modules_Sundial_Row_Hour extends Zend_Db_Table_Row_Abstract
{
    public function domain()
    {
        return new pm_Domain($this->lit);
    }

    public function label()
    {
        return $this->label ?: 'noon';
    }
}
