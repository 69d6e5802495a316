<?php

class Modules_NightJobs_Job
{
    private $id;
    private $command;

    public function __construct($command)
    {
        $this->command = $command;
        $this->id = sha1($command);
    }

    /** @return string a sum of the command, the same on every server */
    public function getId()
    {
        return $this->id;
    }

    public function getCommand()
    {
        return $this->command;
    }
}
