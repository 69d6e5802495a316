<?php

trait Modules_Understudy_Cast
{
    private $part;

    public function play($part)
    {
        $this->part = $part;
        return $this;
    }

    protected function bill()
    {
        return 'bill-' . $this->part;
    }
}
