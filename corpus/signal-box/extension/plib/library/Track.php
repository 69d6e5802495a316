<?php

class Modules_SignalBox_Track
{
    public static function note($type, $id)
    {
        $key = match ($type) {
            'domain', 'site' => 'track-d' . $id,
            'client' => 'track-c' . $id,
            default => 'track',
        };
        pm_Settings::set($key, date('c'));
        Modules_SignalBox_Lever::reset($type);
    }
}
