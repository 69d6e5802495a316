<?php

class IndexController extends pm_Controller_Action
{
    public function indexAction()
    {
        $this->view->pageTitle = $this->lmsg('title');
        $rows = Modules_Pulse_Db::get()->query('SELECT site_id, up, since FROM site_state ORDER BY up, since DESC');
        $sites = [];
        while ($row = $rows->fetchArray(SQLITE3_ASSOC)) {
            try {
                $domain = new pm_Domain($row['site_id']);
            } catch (pm_Exception $e) {
                continue; // removed since
            }
            if (!pm_Session::getClient()->hasAccessToDomain($row['site_id'])) {
                continue;
            }
            $sites[] = ['name' => $domain->getDisplayName(), 'up' => (bool)$row['up'], 'since' => date('c', $row['since'])];
        }
        $this->view->sites = $sites;
    }
}
