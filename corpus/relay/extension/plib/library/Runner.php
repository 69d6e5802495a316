<?php

class Modules_Relay_Runner
{
    private $handlers = [
        'baton' => 'takeBaton',
        'flag' => 'takeFlag',
    ];

    public function run($what, $value)
    {
        $method = $this->handlers[$what];
        return $this->$method($value);
    }

    protected function takeBaton($value)
    {
        pm_Settings::set('baton', $value);
    }

    protected function takeFlag($value)
    {
        pm_Settings::set('flag', $value);
    }

    public static function lap($runner, $time)
    {
        pm_Settings::set('lap-' . $runner, $time);
    }

    public static function cheer($name)
    {
        pm_Settings::set('cheer-' . $name, 'loud');
    }

    public function pass(string $to, ?int $from = null, string $word = '')
    {
        pm_Settings::set('pass', json_encode(['to' => $to, 'from' => $from, 'word' => $word]));
    }
}
