<?php

class Modules_Sundial_Table_Hours extends Zend_Db_Table_Abstract
{
    protected $_name = 'hours';
    protected $_rowClass = 'Modules_Sundial_Row_Hour';
}
