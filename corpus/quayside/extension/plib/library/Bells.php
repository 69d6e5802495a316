<?php

class Modules_Quayside_Bells
{
    private array $handlers = [];

    public function on($what, callable $handler)
    {
        $this->handlers[$what][] = $handler;
        return $this;
    }

    public function ring($what, $value)
    {
        foreach ($this->handlers[$what] ?? [] as $handler) {
            $handler($value);
        }
    }
}

class Modules_Quayside_Keeper
{
    public function arrived($id)
    {
        pm_Settings::set('arrived', $id);
    }

    public function asleep($id)
    {
        pm_Settings::set('asleep', $id);
    }
}

class Modules_Quayside_Harbour
{
    public function open(pm_Domain $domain)
    {
        $keeper = new Modules_Quayside_Keeper();
        $bells = (new Modules_Quayside_Bells())->on('arrival', $keeper->arrived(...));
        $bells->ring('arrival', $domain->getId());
        $keeper->asleep($domain->getName());
    }
}
