<?php

class Modules_Sluice_Lists
{
    public function turns()
    {
        $all = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $all[] = ['pid' => $domain->getId(), 'name' => $domain->getName()];
        }
        usort($all, function ($a, $b) {
            return strcmp($a['name'], $b['name']);
        });
        $all = array_filter($all, fn($row) => $row['name'] !== '');
        pm_Settings::set('turns', json_encode(array_chunk($all, 20)));
        pm_Settings::set('turn_names', json_encode(array_chunk(array_column($all, 'name'), 20)));
    }

    public function pairs()
    {
        $names = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $names[$domain->getId()] = $domain->getName();
        }
        pm_Settings::set('pairs', json_encode(array_map(null, array_keys($names), array_values($names))));
        pm_Settings::set('highest', max(array_keys($names)));
        pm_Settings::set('longest', max(array_map('strlen', array_values($names))));
        pm_Settings::set('shown', print_r($names, true));
        array_walk($names, function ($name, $id) {
            pm_Settings::set("walk-$id", $name);
        });
    }

    public function passed(pm_Client $client)
    {
        $this->put('passed', $client->getId());
    }

    private function put()
    {
        $all = func_get_args();
        pm_Settings::set($all[0], $all[1]);
    }

    public function parts()
    {
        foreach (file(pm_Context::getVarDir() . 'parts.csv') as $line) {
            list($id, $note) = str_getcsv($line);
            $domain = new pm_Domain($id);
            $domain->setSetting('note', $note);
        }
    }

    public function filled(pm_Domain $domain)
    {
        $text = file_get_contents(pm_Context::getPlibDir() . 'resources/site.conf');
        $text = preg_replace_callback('/\{site\}/', function () use ($domain) {
            return $domain->getId();
        }, $text);
        file_put_contents(pm_Context::getVarDir() . 'filled.conf', $text);
    }

    public function bag(pm_Domain $domain)
    {
        $bag = new ArrayObject();
        $bag[$domain->getId()] = 1;
        pm_Settings::set('bag', json_encode($bag->getArrayCopy()));
        $queue = new SplQueue();
        $queue->enqueue($domain->getName());
        pm_Settings::set('queue', json_encode($queue->toArray()));
    }

    private function columns()
    {
        return ['site' => fn(pm_Domain $domain) => $domain->getId(), 'name' => fn(pm_Domain $domain) => $domain->getName()];
    }

    public function export()
    {
        $file = fopen(pm_Context::getVarDir() . 'export.csv', 'w');
        foreach (pm_Domain::getAllDomains() as $domain) {
            $row = [];
            foreach ($this->columns() as $column) {
                $row[] = $column($domain);
            }
            fputcsv($file, $row);
        }
        fclose($file);
    }
}
