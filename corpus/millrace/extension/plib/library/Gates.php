<?php
class Modules_Millrace_Gates
{
    public function open(pm_Client $client, pm_Domain $domain)
    {
        $db = Zend_Db::factory('Pdo_Sqlite', ['dbname' => pm_Context::getVarDir() . 'mill.db']);
        $db->insert('gates', [
            'keeper' => $client->getId(),
            'login' => $client->getLogin(),
        ]);
        pm_Bootstrap::getDbAdapter()->insert('sluicegates', ['keeper' => $client->getId()]);
        pm_Bootstrap::getDbAdapter()->query('INSERT INTO weirs (site) VALUES (?)', [$domain->getId()]);
    }
}
