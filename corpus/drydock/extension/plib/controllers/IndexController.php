<?php

class IndexController extends pm_Controller_Action
{
    /** The extension's own templates; the panel has a table of that name too. */
    public function templatesAction()
    {
        $own = Modules_Drydock_Database::open();
        $own->exec('DELETE FROM templates WHERE id = ' . (int)$_GET['drop']);
        pm_Settings::set('dropped', (int)$_GET['drop']);
        $plan = (int)$_GET['plan'];
        pm_Bootstrap::getDbAdapter()->query('UPDATE templates SET name = "x" WHERE id = ' . $plan);
        pm_Settings::set('plan', $plan);
    }

    /** Numbers of another program, by its own database. */
    public function blogAction()
    {
        $shop = new PDO('mysql:host=shop.example;dbname=shop', 'reader', 'secret');
        $siteId = (int)$shop->query('SELECT MIN(id) FROM wp_site')->fetchColumn();
        pm_Settings::set('blog', $siteId . '/1');
        Modules_Drydock_Rows_Key::of(new pm_Domain($this->_getParam('dom')), $this->_getParam('client_id'));
    }
}
