<?php

class Modules_Quarry_Remote
{
    public function domain()
    {
        $answer = json_decode(file_get_contents('/etc/quarry/site.json'), true);
        return new pm_Domain($answer['site']);
    }
}
