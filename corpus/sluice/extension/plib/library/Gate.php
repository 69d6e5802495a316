<?php

final class Modules_Sluice_Gate
{
    private $site = 0;
    private $label = '';

    public function at(pm_Domain $domain): self
    {
        $copy = clone $this;
        $copy->site = $domain->getId();
        return $copy;
    }

    public function called(string $label): self
    {
        $copy = clone $this;
        $copy->label = $label;
        return $copy;
    }

    public function save(): void
    {
        pm_Settings::set('gate', json_encode(['site' => $this->site]));
        pm_Settings::set('gate_label', json_encode(['label' => $this->label]));
    }

    public static function open(pm_Domain $domain): void
    {
        (new self())->at($domain)->called($domain->getName())->save();
    }
}
