<?php

class Modules_Slipway_Log
{
    protected $pattern = 'log.%s.%d';
    private $folder;

    public function __construct($folder = '')
    {
        $this->folder = $folder ?: pm_Context::getVarDir() . 'logs';
    }

    public function open(pm_Client $client)
    {
        pm_Settings::set(sprintf($this->pattern, 'open', $client->getId()), 'yes');
        pm_Settings::set(sprintf($this->pattern, 'size', strlen($client->getLogin())), 'no');
    }

    public function line(pm_Domain $domain, $line)
    {
        file_put_contents("{$this->folder}/{$domain->getId()}", $line, FILE_APPEND);
        file_put_contents("{$this->folder}/" . $domain->getName() . '.txt', $line, FILE_APPEND);
    }
}
