<?php

/**
 * The state of the pit, in a file beside the database.
 */
class Modules_Quarry_Pit
{
    private $state = array();

    public static function path($name)
    {
        return pm_Context::getVarDir() . $name;
    }

    public function load()
    {
        $this->state = json_decode(file_get_contents(self::path('pit.json')), true);
        return $this;
    }

    public function open()
    {
        $domain = new pm_Domain($this->state['open']['site']);
        return $domain->getName();
    }

    public function bosses()
    {
        $names = array();
        foreach ($this->state['bosses'] as $id => $since) {
            $names[] = pm_Client::getByClientId($id)->getLogin();
        }
        return $names;
    }

    public function mayEnter(pm_Client $client)
    {
        foreach ($this->state['doors'] as $door) {
            if ($client->hasAccessToDomain($door['leads_to'])) {
                return true;
            }
        }
        return false;
    }

    public function title()
    {
        return $this->state['title'];
    }

    public function best()
    {
        return pm_Domain::getByName($this->state['best']);
    }
}
