<?php

class Modules_Almanac_Book_Feasts extends Modules_Almanac_Book_Base
{
    protected $file = 'feasts.json';

    public function add($id, $login)
    {
        $this->write(array('who' => $id, 'login' => $login));
    }
}
