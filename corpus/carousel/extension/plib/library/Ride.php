<?php

namespace PleskExt\Carousel;

class Ride implements \ArrayAccess
{
    private array $seats = [];
    private array $parts = [];

    public static function begin(): static
    {
        return new static();
    }

    public function with(string $name, $value): static
    {
        $clone = clone $this;
        $clone->parts[$name] = $value;
        return $clone;
    }

    public function save(string $as): void
    {
        \pm_Settings::set($as, json_encode($this->parts));
    }

    public function offsetExists(mixed $offset): bool
    {
        return isset($this->seats[$offset]);
    }

    public function offsetGet(mixed $offset): mixed
    {
        return $this->seats[$offset];
    }

    public function offsetSet(mixed $offset, mixed $value): void
    {
        $this->seats[$offset] = $value;
    }

    public function offsetUnset(mixed $offset): void
    {
        unset($this->seats[$offset]);
    }

    public function __call(string $method, array $arguments)
    {
        $this->parts[substr($method, 3)] = $arguments[0];
        return $this;
    }

    public function stop(): void
    {
        \pm_Settings::set('stopped', $this->seats['front']);
        \pm_Settings::set('music', $this->seats['tune']);
    }
}
