<?php

/**
 * Where the databases lie.
 */
class Modules_Faraway_Store_Paths
{
    const AGENTS = 'agents.sqlite3';

    private $folder;

    public function __construct()
    {
        $this->folder = pm_Context::getVarDir();
    }

    public function agents()
    {
        return $this->folder . self::AGENTS;
    }

    public static function echoes()
    {
        return rtrim(pm_Context::getVarDir(), DIRECTORY_SEPARATOR) . DIRECTORY_SEPARATOR . 'echoes.db';
    }
}
