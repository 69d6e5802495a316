<?php

class Modules_Weaver_Table_Threads extends Zend_Db_Table
{
    protected $_name = 'threads';
}
