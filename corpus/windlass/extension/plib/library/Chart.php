<?php

class Modules_Windlass_Chart
{
    public static function draw(pm_Domain $domain)
    {
        $mooring = array('site' => $domain->getId(), 'depth' => 12);
        $ini = '';
        foreach ($mooring as $key => $value) {
            $ini .= "$key = \"$value\"\n";
        }
        file_put_contents(pm_Context::getVarDir() . 'mooring.ini', $ini);
        file_put_contents(pm_Context::getVarDir() . 'mooring.txt', implode("\t", $mooring));
        $table = fopen(pm_Context::getVarDir() . 'moorings.csv', 'a');
        fputcsv($table, $mooring);
        $zipped = gzopen(pm_Context::getVarDir() . 'logs/' . $domain->getId() . '.gz', 'w9');
        gzwrite($zipped, $domain->getName());
        gzclose($zipped);
        $buoy = array('name' => $domain->getName(), 'depth' => 3);
        $text = '';
        foreach ($buoy as $field => $said) {
            $text .= $field . '=' . $said . "\n";
        }
        file_put_contents(pm_Context::getVarDir() . 'buoy.ini', $text);
        error_log('hauled by ' . pm_Session::getClient()->getId(), 3, pm_Context::getVarDir() . 'deck.log');
        file_put_contents(pm_Context::getVarDir() . 'tide.log', $domain->getId() . ' ' . date('c') . "\n", FILE_APPEND);
    }

    public static function tides()
    {
        return array_map(function ($line) {
            return explode(' ', $line);
        }, file(pm_Context::getVarDir() . 'tide.log'));
    }
}
