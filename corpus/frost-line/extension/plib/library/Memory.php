<?php

namespace PleskExt\FrostLine;

/**
 * Keeps things for one request. Its method is called as the panel's is.
 */
class Memory
{
    private array $kept = [];

    public function setSetting(string $name, $value): void
    {
        $this->kept[$name] = $value;
    }

    public static function set(string $name, $value): void
    {
        static $all = [];
        $all[$name] = $value;
    }
}
