<?php

/** Carries the panel's domains to a service. */
class Modules_Drydock_GoogleBackup
{
    private $domainId;

    public function __construct($domainId)
    {
        $this->domainId = $domainId;
    }

    public function changes($sql)
    {
        return Modules_Drydock_Database::open()->query($sql)->fetchAll(PDO::FETCH_ASSOC);
    }

    public function keep()
    {
        pm_Settings::set('domain_id_' . $this->domainId, '1');
        pm_Settings::set('changes', json_encode($this->changes('SELECT domain_id FROM moorings')));
    }
}
