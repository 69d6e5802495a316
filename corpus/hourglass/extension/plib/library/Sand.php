<?php

class Modules_Hourglass_Sand
{
    public function all()
    {
        $grains = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $grains[$domain->getName()] = $domain->getSetting('grains', 0);
        }
        pm_Settings::set('grains', json_encode($grains));
    }

    public function names()
    {
        $names = array_map(function ($domain) {
            return $domain->getName();
        }, pm_Domain::getAllDomains());
        $text = implode(',', $names);
        pm_Settings::set('names', $text);
    }

    public function turn()
    {
        $turns = json_decode(pm_Settings::get('turns', '[]'), true);
        $turns[] = time();
        pm_Settings::set('turns', json_encode($turns));
    }

    public function recent()
    {
        $recent = json_decode(pm_Settings::get('recent', '[]'), true);
        $recent[] = time();
        pm_Settings::set('recent', json_encode(array_slice($recent, -10)));
    }

    public function form(array $values)
    {
        $kept = [];
        foreach (['frame', 'glass', 'sand'] as $part) {
            $kept[$part] = $values[$part];
        }
        pm_Settings::set('parts', json_encode($kept));
    }

    public function each()
    {
        foreach (pm_Domain::getAllDomains() as $domain) {
            $domain->setSetting('grains', json_encode(['count' => strlen($domain->getName())]));
        }
    }

    public function file()
    {
        $names = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $names[] = $domain->getName();
        }
        file_put_contents(pm_Context::getVarDir() . 'names.json', json_encode($names));
    }
}
