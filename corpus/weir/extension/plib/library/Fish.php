<?php
class Modules_Weir_Fish extends Modules_Weir_Repository
{
    protected string $table = 'fish';

    public function swim(pm_Domain $domain)
    {
        $this->add([
            'pond' => $domain->getId(),
            'kind' => 'trout',
            'keeper' => $domain->getGuid(),
        ]);
    }
}
