<?php

class Modules_Slipway_Input
{
    private $data = [];

    public function __construct()
    {
        $this->data = (json_decode((string)file_get_contents('php://input'), true) ?: []) + $_POST;
    }

    public function number($name)
    {
        return (int)($this->data[$name] ?? 0);
    }

    public function text($name, $else = '')
    {
        $found = $this->data[$name] ?? $else;
        return trim($found);
    }

    public static function pick(array $from, $name, $else = null)
    {
        if (!array_key_exists($name, $from)) {
            return $else;
        }
        return $from[$name];
    }
}
