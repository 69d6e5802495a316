<?php

class Modules_CmsCatalog_Table_Domains extends Zend_Db_Table_Abstract
{
    protected $_name = 'domains';
    protected $_primary = 'id';

    /**
     * The row of a site; made when the site is met for the first time.
     */
    public function forDomain(pm_Domain $domain)
    {
        $row = $this->fetchRow($this->select()->where('plesk_domain_id = ?', $domain->getId()));
        if ($row) {
            return $row;
        }
        $row = $this->createRow();
        $row->plesk_domain_id = $domain->getId();
        $row->scanned_at = null;
        $row->save();
        return $row;
    }
}
