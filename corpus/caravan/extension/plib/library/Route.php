<?php

class Modules_Caravan_Route
{
    public function pack(pm_Domain $domain, pm_Client $client)
    {
        $site = $domain->getId();
        $name = $domain->getName();
        pm_Settings::set('packed', json_encode(compact('site', 'name')));
        pm_Settings::set('packed-name', json_encode(compact('name')));

        $values = ['camel' => $client->getId(), 'driver' => $client->getLogin()];
        extract($values);
        pm_Settings::set('camel', $camel);
        pm_Settings::set('driver', $driver);
    }

    public function join(pm_Domain $domain, pm_Client $client)
    {
        $first = ['from' => $domain->getName(), 'owner' => 0];
        pm_Settings::set('joined', json_encode(array_merge($first, ['owner' => $client->getId()])));
        pm_Settings::set('joinedNames', json_encode([...$first, 'owner' => $client->getLogin()]));
        pm_Settings::set('spread', json_encode([...['at' => $domain->getId()], 'word' => 'go']));
        pm_Settings::set('filled', json_encode(array_fill_keys([$domain->getId()], true)));
        pm_Settings::set('combined', json_encode(array_combine([$domain->getName()], [$domain->getGuid()])));
    }

    public function call(pm_Domain $domain)
    {
        $arguments = [$domain->getId(), 'sand'];
        $this->stop(...$arguments);
        $words = [$domain->getName(), 'rock'];
        $this->rest(...$words);
        Modules_Caravan_Kv::keep($domain->getId(), 'full');
        Modules_Caravan_Kv::lose($domain->getName());
    }

    private function stop($where, $ground)
    {
        pm_Settings::set("stop.$where.$ground", '1');
    }

    private function rest(...$names)
    {
        foreach ($names as $name) {
            pm_Settings::set("rest.$name", '1');
        }
    }

    public function walk(array $domains)
    {
        foreach ($this->all($domains) as $id) {
            pm_Settings::set("walk~$id", '1');
        }
        foreach ($this->names($domains) as $name) {
            pm_Settings::set("name~$name", '1');
        }
    }

    private function all(array $domains): iterable
    {
        yield from $this->some($domains);
    }

    private function some(array $domains): iterable
    {
        foreach ($domains as $domain) {
            if ($domain instanceof pm_Domain) {
                yield $domain->getId();
            }
        }
    }

    private function names(array $domains): iterable
    {
        foreach ($domains as $domain) {
            yield $domain->getName();
        }
    }

    public function made(pm_Client $client)
    {
        $writer = $this->writer('made');
        $writer($client->getId());
        $namer = $this->namer();
        $namer($client->getLogin());
    }

    private function writer($what)
    {
        return static function ($who) use ($what) {
            pm_Settings::set($what . '=' . $who, '1');
        };
    }

    private function namer()
    {
        return fn ($login) => pm_Settings::set('called=' . $login, '1');
    }

    public function tree($id, $depth = 0)
    {
        if ($depth > 3) {
            pm_Settings::set('tree-' . $id, '1');
            pm_Settings::set('depth-' . $depth, '1');
            return;
        }
        $this->tree($id, $depth + 1);
    }

    public function plant(pm_Client $client)
    {
        $this->tree($client->getId());
    }

    public function load(pm_Domain $domain)
    {
        $salt = new Modules_Caravan_Salt($domain, ['weight' => 20]);
        $salt->save();
        $salt->mark($domain);
        $silk = new Modules_Caravan_Silk($domain, ['weight' => 2]);
        $silk->save();
        $silk->mark($domain);
    }

    public function rows(array $rows)
    {
        $found = [];
        foreach ($rows as [$name, $weight]) {
            try {
                $id = pm_Domain::getByName($name)->getId();
            } catch (pm_Exception $e) {
                continue;
            }
            $found[] = [$id, $name, $weight];
        }
        foreach ($found as [$id, $name]) {
            pm_Settings::set("row_$id", '1');
            pm_Settings::set("row_name_$name", '1');
        }
        array_walk($found, function (array &$row) {
            $row = $row[0];
        });
        pm_Settings::set('found', json_encode($found));
    }
}
