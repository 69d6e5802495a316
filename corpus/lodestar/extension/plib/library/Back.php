<?php

trait Modules_Lodestar_Back
{
    public function restore($pleskVersion, $extVersion, $config, $contentDir)
    {
        file_put_contents(pm_Context::getVarDir() . 'stars.json', $config);
    }
}
