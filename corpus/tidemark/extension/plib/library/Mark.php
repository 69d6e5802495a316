<?php

/** A mark of another service, with a number of its own. */
class Modules_Tidemark_Mark
{
    private $number;

    public function __construct(array $sent)
    {
        $this->number = $sent['number'];
    }

    public function getId()
    {
        return $this->number;
    }
}
