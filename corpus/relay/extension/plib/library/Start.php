<?php

function relay_finish($id)
{
    file_put_contents(pm_Context::getVarDir() . 'finish.json', json_encode(['winner' => $id]));
}

class Modules_Relay_Start
{
    public function go(pm_Domain $domain, pm_Client $client)
    {
        $runner = new Modules_Relay_Runner();
        $runner->run('baton', $domain->getId());
        $runner->run('flag', $domain->getName());

        call_user_func(['Modules_Relay_Runner', 'lap'], $domain->getId(), 12);
        call_user_func_array('Modules_Relay_Runner::cheer', [$domain->getName()]);

        $runner->pass(word: 'go', from: $client->getId(), to: $client->getLogin());

        $finish = 'relay_finish';
        $finish($client->getId());
    }

    public function keep(array $domains)
    {
        array_walk($domains, [$this, 'keepOne']);
        array_map([self::class, 'title'], $domains);
        $shout = $this->shout(...);
        $shout($domains[0]->getName());
        $class = 'Modules_Relay_Tent';
        $tent = new $class($domains[0]->getId());
        $tent->pitch();
    }

    public function keepOne(pm_Domain $domain)
    {
        pm_Settings::set('kept:' . $domain->getId(), '1');
    }

    public static function title(pm_Domain $domain)
    {
        pm_Settings::set('title:' . $domain->getName(), '1');
    }

    private function shout($name)
    {
        pm_Settings::set('shout-' . $name, '1');
    }
}
