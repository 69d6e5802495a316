<?php
// Keeps what comes from elsewhere; only the readers show what the names are made with.
class Modules_Watchtower_Lamp
{
    public function import(array $rows)
    {
        foreach ($rows as $row) {
            pm_Settings::set('lit_' . $row['ref'], $row['colour']);
            pm_Settings::set('dim_' . $row['ref'], $row['colour']);
            file_put_contents(pm_Context::getVarDir() . '/beam-' . $row['ref'] . '.json', json_encode($row['arc']));
        }
    }

    public function colour(pm_Domain $domain)
    {
        return pm_Settings::get('lit_' . $domain->getId());
    }

    public function dimmed($mast)
    {
        return pm_Settings::get('dim_' . $mast);
    }

    public function arc($mast)
    {
        $domain = new pm_Domain($mast);
        return json_decode(file_get_contents(pm_Context::getVarDir() . '/beam-' . $mast . '.json')) ?: $domain->getName();
    }

    public function name(pm_Domain $domain)
    {
        pm_Settings::set('named_' . $domain->getName(), 1);
    }

    public function stray(pm_Domain $domain)
    {
        return pm_Settings::get('named_' . $domain->getId()) ?: pm_Settings::get('never_' . $domain->getId());
    }
}
