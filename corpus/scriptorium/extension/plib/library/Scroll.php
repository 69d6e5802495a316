<?php

class Modules_Scriptorium_Scroll extends Modules_Scriptorium_Record
{
    protected static $table = 'scrolls';

    public function subject()
    {
        return new pm_Domain($this->subject);
    }
}
