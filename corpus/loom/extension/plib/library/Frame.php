<?php

namespace PleskExt\Loom;

abstract class Frame
{
    public function __construct(protected readonly int $anchor, private string $colour = 'plain')
    {
    }

    public function colour(): void
    {
        \pm_Settings::set('colour', $this->colour);
    }
}
