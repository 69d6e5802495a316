<?php

declare(strict_types=1);

namespace PleskExt\ReleaseGate;

enum ReleaseState: string
{
    case Waiting = 'waiting';
    case Running = 'running';
    case Done = 'done';
    case Broken = 'broken';

    public function isFinal(): bool
    {
        return match ($this) {
            self::Done, self::Broken => true,
            default => false,
        };
    }
}
