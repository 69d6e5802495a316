<?php

class Modules_Postbox_Cloud
{
    private $clientId;
    private $clientSecret;

    public function __construct($clientId, $clientSecret)
    {
        $this->clientId = $clientId;
        $this->clientSecret = $clientSecret;
    }

    public function bucket($id)
    {
        return "https://cloud.example.com/$id?client_id={$this->clientId}";
    }
}
