<?php

class Modules_Lodestar_Backup_Server extends pm_Hook_Backup_Server
{
    use Modules_Lodestar_Back;

    public function backup()
    {
        return [file_get_contents(pm_Context::getVarDir() . 'stars.json'), ['stars'], []];
    }

    private function prepare($idMapping)
    {
        return $idMapping;
    }
}
