<?php

class Modules_Weighbridge_Ledger
{
    public static function close(pm_Domain $domain, $weight)
    {
        $path = pm_Context::getVarDir() . 'ledger.json';
        $draft = $path . '.draft';
        file_put_contents($draft, json_encode(array('last' => $domain->getId(), 'weight' => $weight)));
        rename($draft, $path);
    }

    public static function stamp(pm_Domain $domain, $weight)
    {
        $path = pm_Context::getVarDir() . 'stamp.json';
        $draft = tempnam('/tmp', 'stamp');
        file_put_contents($draft, json_encode(array('last' => $domain->getName(), 'weight' => $weight)));
        rename($draft, $path);
    }
}
