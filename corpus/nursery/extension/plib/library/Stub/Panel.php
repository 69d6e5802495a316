<?php

/**
 * Enough of the panel to run without it.
 */
class pm_Domain
{
    private $id;

    public function __construct($id)
    {
        $this->id = $id;
    }

    public function getId()
    {
        return $this->id;
    }
}

class pm_Settings
{
    public static function set($name, $value)
    {
        file_put_contents(pm_Context::getVarDir() . 'settings/' . $name, $value);
    }
}

abstract class pm_Hook_Backup_Domain
{
    public function backup(pm_Domain $domain)
    {
        return [json_encode(['id' => $domain->getId()]), [], []];
    }
}
