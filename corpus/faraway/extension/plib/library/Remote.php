<?php

class Modules_Faraway_Remote
{
    private $token;

    public function __construct($token)
    {
        $this->token = $token;
    }

    public function agents()
    {
        $context = stream_context_create(['http' => ['header' => 'Authorization: Bearer ' . $this->token]]);
        return json_decode(file_get_contents('https://faraway.example.com/agents', false, $context), true);
    }
}
