<?php

class Modules_Sluice_Pins
{
    private $pinned;

    public function __construct()
    {
        $this->pinned = json_decode(pm_Settings::get('pins', '[]'), true);
    }

    public function toggle(array $chosen)
    {
        foreach ($chosen as $one) {
            $this->pinned = in_array($one, $this->pinned, true) ? array_diff($this->pinned, [$one]) : array_merge($this->pinned, [$one]);
        }
        pm_Settings::set('pins', json_encode(array_values($this->pinned)));
    }

    public function isPinned(int $one): bool
    {
        return in_array($one, $this->pinned, true);
    }

    public function rows()
    {
        $rows = [];
        foreach (json_decode(file_get_contents(pm_Context::getVarDir() . 'book.json'), true) as $number => $entry) {
            $domain = pm_Domain::getByDomainId($number);
            $rows[] = [$domain->getName(), $this->isPinned((int)$number), $entry];
        }
        return $rows;
    }
}
