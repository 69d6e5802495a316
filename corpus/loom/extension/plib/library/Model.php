<?php

namespace PleskExt\Loom;

/**
 * A model keeps its fields in an array and its array in the storage.
 *
 * @property int $site
 * @property string $title
 */
abstract class Model
{
    protected array $fields = [];

    public function __get(string $name)
    {
        return $this->fields[$name] ?? null;
    }

    public function __set(string $name, $value): void
    {
        $this->fields[$name] = $value;
    }

    abstract protected function name(): string;

    public function save(): void
    {
        \pm_Settings::set($this->name(), json_encode($this->fields));
    }
}
