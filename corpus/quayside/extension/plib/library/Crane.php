<?php

class Modules_Quayside_Crane
{
    public function tariffs()
    {
        $answer = pm_ApiRpc::getService()->call('<service-plan><get><filter/></get></service-plan>');
        $found = [];
        foreach ($answer->{'service-plan'}->get->result as $plan) {
            $found[(string)$plan->name] = (int)$plan->id;
        }
        return $found;
    }

    public function keep($name)
    {
        $tariffs = $this->tariffs();
        pm_Settings::set('tariff', isset($tariffs[$name]) ? $tariffs[$name] : '');
        pm_Settings::set('tariffs', implode(',', array_keys($tariffs)));
    }

    public function log(pm_Domain $domain, $text)
    {
        $line = json_encode(['at' => time(), 'ship' => $domain->getId(), 'text' => $text]) . PHP_EOL;
        file_put_contents(pm_Context::getVarDir() . 'log.jsonl', $line, FILE_APPEND);
        file_put_contents(pm_Context::getVarDir() . 'names.jsonl', json_encode(['ship' => $domain->getName()]) . "\n", FILE_APPEND);
    }

    public function report(pm_Domain $domain)
    {
        $domainId = $domain->getGuid();
        file_put_contents(pm_Context::getVarDir() . 'report.json', json_encode(['domain_id' => $domainId]));
    }

    public function table(array $ships, array $cargo)
    {
        $table = fopen(pm_Context::getVarDir() . 'table.csv', 'w');
        foreach ($ships as $ship) {
            fputcsv($table, [$ship->getName(), $cargo]);
        }
    }

    public function load(pm_Domain $domain)
    {
        $this->table([$domain], ['from' => $domain->getId()]);
    }
}
