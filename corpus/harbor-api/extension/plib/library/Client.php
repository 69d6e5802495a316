<?php

/**
 * The harbour's remote interface: called a client, as the panel's customers are.
 */
class Modules_HarborApi_Client
{
    private $id;
    private $token;

    public function __construct($id, $token)
    {
        $this->id = $id;
        $this->token = $token;
    }

    public function getId()
    {
        return $this->id;
    }

    public function berth($size)
    {
        $answer = json_decode(file_get_contents('https://harbor.example.com/berths?size=' . $size . '&client_id=' . $this->id), true);
        return new Modules_HarborApi_Berth($answer['id'], $answer['zone_id']);
    }
}
