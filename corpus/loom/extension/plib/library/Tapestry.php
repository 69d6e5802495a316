<?php

namespace PleskExt\Loom;

final class Tapestry extends Frame
{
    use HasOwner;

    private static ?int $last = null;
    private static string $lastTitle = '';

    public static function on(\pm_Domain $domain): self
    {
        self::$last = $domain->getId();
        self::$lastTitle = $domain->getName();
        return new self($domain->getId(), colour: $domain->getName());
    }

    public function hang(): void
    {
        \pm_Settings::set('hung-' . $this->anchor, '1');
        \pm_Settings::set($this->ownerKey(), '1');
    }

    public static function remember(): void
    {
        \pm_Settings::set('lastTapestry', self::$last);
        \pm_Settings::set('lastTitle', self::$lastTitle);
    }
}
