<?php

/**
 * A page of the table; its id is a word.
 */
class Modules_TideTable_Page
{
    private $word;

    public function __construct($word)
    {
        $this->word = $word;
    }

    public function getId()
    {
        return $this->word;
    }
}
