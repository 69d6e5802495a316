<?php

class Modules_CmsCatalog_Table_Installations extends Zend_Db_Table_Abstract
{
    protected $_name = 'installations';

    public function replaceAll(Zend_Db_Table_Row_Abstract $owner, array $found)
    {
        $this->delete($this->getAdapter()->quoteInto('domain_id = ?', $owner->id));
        foreach ($found as $one) {
            $row = $this->createRow();
            $row->domain_id = $owner->id;
            $row->path = $one['path'];
            $row->path_id = md5($one['path']);
            $row->product = $one['product'];
            $row->version = $one['version'];
            $row->save();
        }
    }

    public function ofDomain(pm_Domain $domain)
    {
        return $this->fetchAll($this->select()
            ->setIntegrityCheck(false)
            ->from(['i' => 'installations'])
            ->join(['d' => 'domains'], 'd.id = i.domain_id', [])
            ->where('d.plesk_domain_id = ?', $domain->getId()));
    }
}
