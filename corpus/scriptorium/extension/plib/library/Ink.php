<?php

class Modules_Scriptorium_Ink extends Modules_Scriptorium_Record
{
    protected static $table = 'inks';

    public function label()
    {
        return $this->colour . ' for ' . $this->subject;
    }
}
