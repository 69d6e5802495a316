<?php

class Modules_FerryLog_Ticket implements JsonSerializable
{
    private $client;
    private $price;

    public function __construct(pm_Client $client, $price)
    {
        $this->client = $client;
        $this->price = $price;
    }

    #[\ReturnTypeWillChange]
    public function jsonSerialize()
    {
        return array('holder' => $this->client->getId(), 'price' => $this->price);
    }
}
