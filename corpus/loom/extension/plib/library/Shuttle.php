<?php

namespace PleskExt\Loom;

class Shuttle extends Model
{
    protected function name(): string
    {
        return 'shuttle';
    }
}
