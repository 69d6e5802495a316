<?php

class Modules_Heddle_NameRows extends Modules_Heddle_Rows
{
    const KEY = 'name-rows';

    /** What it makes here is another class's. */
    public function handOver(pm_Domain $domain)
    {
        $this->rows = ['called' => $domain->getName()];
        $this->save();
        $other = new Modules_Heddle_SiteRows();
        $other->rows = ['moved' => $domain->getId()];
        $other->save();
    }
}
