<?php

enum Modules_Sluice_Key: string
{
    case Level = 'level:%s';
    case Total = 'total';

    public function for(int|string $what): string
    {
        return sprintf($this->value, $what);
    }

    public static function keep(pm_Domain $domain): void
    {
        pm_Settings::set(self::Level->for($domain->getId()), '1');
        pm_Settings::set(sprintf('%s-%s', self::Total->value, $domain->getName()), '1');
    }
}
