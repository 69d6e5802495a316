<?php

/**
 * Options: of the whole board, and of one customer.
 */
class Modules_StatusBoard_Options
{
    public static function set($name, $value)
    {
        pm_Settings::set('option-' . $name, $value);
    }

    public static function pause(pm_Client $client)
    {
        self::set($client->getId(), 'paused');
    }

    public static function colour($colour)
    {
        self::set('colour', $colour);
    }

    public static function stable(pm_Domain $domain, $colour)
    {
        pm_Settings::set('colour-' . $domain->getGuid(), $colour);
        $domain->setSetting('colour', $colour);
    }

    public static function token(pm_Client $client, $token)
    {
        pm_Settings::set(md5($client->getId() . 'board'), $token);
    }

    public static function task(pm_Scheduler_Task $task)
    {
        pm_Settings::set('task-' . $task->getId(), 'daily');
    }
}
