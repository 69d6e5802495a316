<?php

class Modules_Granary_Repository_Mice extends Modules_Granary_Repository_Abstract
{
    protected $table = 'mice';

    public function seenIn($sack, pm_Client $by)
    {
        return $this->create(['sack' => $sack, 'seen_by' => $by->getId(), 'tail' => 7]);
    }
}
