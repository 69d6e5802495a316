<?php

class Modules_Weaver_Weaver
{
    public function weave(pm_Domain $domain, $pattern)
    {
        $cloths = new Modules_Weaver_Table_Cloths();
        $cloth = $cloths->createRow();
        $cloth->wearer = $domain->getId();
        $cloth->pattern = $pattern;
        return $cloth->save();
    }

    public function dye($clothId, pm_Client $client, $colour)
    {
        $threads = new Modules_Weaver_Table_Threads();
        $thread = $threads->fetchNew();
        $thread->setFromArray(array('cloth_id' => $clothId, 'dyer' => $client->getId(), 'colour' => $colour));
        $thread->save();
    }

    public function place(pm_Domain $domain, $name)
    {
        $db = Modules_Weaver_Db::adapter();
        $db->update('looms', array('place' => $name), $db->quoteInto('site = ?', $domain->getId()));
        $db->delete('looms', $db->quoteInto('name = ?', $domain->getName()));
    }

    public function worn(pm_Domain $domain)
    {
        $cloths = new Modules_Weaver_Table_Cloths();
        return count($cloths->findByField('wearer', $domain->getId()));
    }

    public function dyers()
    {
        $db = Modules_Weaver_Db::adapter();
        $select = $db->select()->from(array('t' => 'threads'), array('who' => 't.dyer', 't.colour'));
        $logins = array();
        foreach ($db->fetchAll($select) as $row) {
            $logins[] = pm_Client::getByClientId($row['who'])->getLogin();
        }
        return $logins;
    }
}
