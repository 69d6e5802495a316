<?php

class Modules_CmsCatalog_Db
{
    /**
     * @return Zend_Db_Adapter_Pdo_Sqlite
     */
    public static function adapter()
    {
        static $adapter;
        if (!$adapter) {
            $adapter = Zend_Db::factory('Pdo_Sqlite', ['dbname' => pm_Context::getVarDir() . 'catalog.db']);
            Zend_Db_Table_Abstract::setDefaultAdapter($adapter);
        }
        return $adapter;
    }

    public static function install()
    {
        $script = file_get_contents(pm_Context::getPlibDir() . 'resources/schema.sql');
        foreach (explode(';', $script) as $statement) {
            if (trim($statement) !== '') {
                self::adapter()->getConnection()->exec($statement);
            }
        }
    }
}
