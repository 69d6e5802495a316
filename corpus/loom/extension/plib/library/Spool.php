<?php

namespace PleskExt\Loom;

class Spool extends Model
{
    protected function name(): string
    {
        return 'spool';
    }
}
