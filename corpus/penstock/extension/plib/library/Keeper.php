<?php

class Modules_Penstock_Keeper
{
    public $account;
    public $width;

    public function client()
    {
        return pm_Client::getByClientId($this->account);
    }
}
