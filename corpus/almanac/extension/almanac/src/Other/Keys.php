<?php

namespace NineWillows\Almanac\Other;

abstract class Keys
{
    public static function forDay(int $number): string
    {
        return 'number.' . $number;
    }

    public static function count(): void
    {
        \pm_Settings::set(self::forDay((int)date('z')), '1');
    }
}
