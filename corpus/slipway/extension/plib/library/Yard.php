<?php

class Modules_Slipway_Yard
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = new PDO('sqlite:' . pm_Context::getVarDir() . 'slipway.sqlite');
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS keels (berth INTEGER, length INTEGER)');
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS masts (berth INTEGER, height INTEGER)');
    }

    public function lay(pm_Domain $domain, $length)
    {
        Modules_Slipway_Order::on('keels')->cell('length', $length)->cell('berth', $domain->getId())->write($this->pdo);
    }

    public function step($mast, $height)
    {
        $order = Modules_Slipway_Order::on('masts')->cell('berth', $mast);
        $order->cell('height', $height);
        $order->write($this->pdo);
    }
}
