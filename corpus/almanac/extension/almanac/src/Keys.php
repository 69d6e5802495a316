<?php

namespace NineWillows\Almanac;

/**
 * Names in the storage. Another class of this name, elsewhere, does not care for ids.
 */
abstract class Keys
{
    public static function forDay(int $id): string
    {
        return "day.{$id}";
    }

    public static function forWord(string $word): string
    {
        return 'word.' . $word;
    }
}

function day_key(\pm_Domain $domain): string
{
    return 'sun.' . $domain->getId();
}
