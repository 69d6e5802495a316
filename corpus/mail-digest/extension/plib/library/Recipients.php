<?php

class Modules_MailDigest_Recipients
{
    /** @var Zend_Db_Adapter_Abstract */
    private $_db;

    public function __construct()
    {
        $this->_db = Modules_MailDigest_Adapter::getInstance();
    }

    public function subscribe(pm_Client $client, $frequency)
    {
        if ($this->find($client)) {
            $this->_db->update('recipients', array('frequency' => $frequency), $this->_db->quoteInto('client_id = ?', $client->getId()));
            return;
        }
        $this->_db->insert('recipients', array(
            'client_id' => $client->getId(),
            'frequency' => $frequency,
        ));
    }

    public function find(pm_Client $client)
    {
        $select = $this->_db->select()->from('recipients')->where('client_id = ?', $client->getId());
        return $this->_db->fetchRow($select);
    }

    public function unsubscribe(pm_Client $client)
    {
        $this->_db->delete('recipients', array('client_id = ?' => $client->getId()));
    }

    public function due($frequency, $before)
    {
        return $this->_db->fetchAll('SELECT * FROM recipients WHERE frequency = ? AND COALESCE(last_sent, 0) < ?', array($frequency, $before));
    }
}
