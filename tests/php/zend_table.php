<?php
class Modules_Sample_Table extends Zend_Db_Table_Abstract {
    protected $_name = 'jobs';
    static function instance() { static $me = null; if (null === $me) $me = new self(array('db' => self::adapter())); return $me; }
    private static function & adapter() { $db = Zend_Db::factory('Pdo_Sqlite', array('dbname' => dirname(__FILE__) . '/x.db')); return $db; }
    function put($client) {
        $row = $this->createRow();
        $row->client_id = $client->getId(); $row->payload = json_encode(array('id' => $client->getId()));
        $row->save();
        $this->getAdapter()->update($this->_name, ['seen' => time()], $this->getAdapter()->quoteInto('client_id = ?', $client->getId()));
    }
    function rows() { return $this->fetchAll($this->select()->where('client_id > ?', 0)->order('id')->limit(10)); }
}
