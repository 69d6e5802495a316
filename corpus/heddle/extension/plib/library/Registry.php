<?php

class Modules_Heddle_Registry
{
    use Modules_Heddle_WritesJson;

    protected function folder()
    {
        return 'lists';
    }

    protected function key()
    {
        return 'registry';
    }

    public function build()
    {
        $map = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $map[$domain->getId()] = $domain->getName();
        }
        $this->write($map);
    }
}
