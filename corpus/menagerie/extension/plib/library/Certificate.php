<?php

/**
 * What an authority was asked for: an order with a number of the authority's.
 */
class Modules_Menagerie_Certificate
{
    private $order;
    private $zone;

    public function __construct(array $answer)
    {
        $this->order = $answer['order'];
        $this->zone = new Modules_Menagerie_Zone($answer['zone']);
    }

    public function getId()
    {
        return $this->order;
    }

    public function zone(): Modules_Menagerie_Zone
    {
        return $this->zone;
    }
}
