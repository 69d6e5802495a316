<?php
class Modules_Weir_Banks
{
    public function moor(pm_Domain $domain)
    {
        $folder = rtrim(pm_Context::getVarDir(), '/') . DIRECTORY_SEPARATOR . 'banks' . DIRECTORY_SEPARATOR;
        file_put_contents($folder . $domain->getId() . '.json', '{}');
        file_put_contents($folder . $domain->getName() . '.json', '{}');
    }

    public function drift(pm_Domain $domain)
    {
        $all = json_decode(pm_Settings::get('drift', '{}'));
        $all->{$domain->getId()} = time();
        pm_Settings::set('drift', json_encode($all));
        $named = json_decode(pm_Settings::get('named', '{}'));
        $named->{$domain->getName()} = time();
        pm_Settings::set('named', json_encode($named));
    }
}
