<?php

final class Modules_Slipway_Manifest implements JsonSerializable
{
    public function __construct(private int $berth, private string $name, private ?string $flag = null)
    {
    }

    public static function of(pm_Domain $domain): self
    {
        return new self((int)$domain->getId(), $domain->getName());
    }

    public function jsonSerialize(): array
    {
        return get_object_vars($this);
    }

    public function keep(): void
    {
        pm_Settings::set('manifest', json_encode($this));
    }
}
