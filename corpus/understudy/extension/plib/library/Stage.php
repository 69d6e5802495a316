<?php

class Modules_Understudy_Stage
{
    use Modules_Understudy_Cast;

    public function open(pm_Domain $domain)
    {
        $this->play($domain->getId());
        pm_Settings::set($this->bill(), 'on');
    }

    public function __construct(private readonly string $house = 'old', private ?string $seat = null)
    {
    }

    public function seat()
    {
        pm_Settings::set("seat-{$this->house}", $this->seat);
    }
}
