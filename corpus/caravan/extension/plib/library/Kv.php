<?php

/**
 * `Kv::keep(…)` for what is called `keep` behind it.
 *
 * @method static void keep(string $name, string $value)
 */
class Modules_Caravan_Kv
{
    public static function __callStatic($method, array $arguments)
    {
        return (new Modules_Caravan_Bag())->$method(...$arguments);
    }
}
