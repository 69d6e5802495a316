<?php

/**
 * The links are kept in the panel's own database, so that the panel's dump carries them.
 */
class Modules_PanelLinks_Links
{
    /** @var Zend_Db_Adapter_Abstract */
    private $db;

    public function __construct()
    {
        $this->db = pm_Bootstrap::getDbAdapter();
    }

    public function createTable()
    {
        $this->db->query("
            CREATE TABLE IF NOT EXISTS `module_panel_links` (
                `id`        INT(10) UNSIGNED NOT NULL AUTO_INCREMENT,
                `domain_id` INT(10) UNSIGNED NOT NULL,
                `title`     VARCHAR(255) CHARACTER SET utf8 COLLATE utf8_general_ci NOT NULL DEFAULT '',
                `href`      TEXT NOT NULL,
                `place`     ENUM('top', 'side') NOT NULL DEFAULT 'side',
                `created`   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
                PRIMARY KEY (`id`),
                KEY `domain` (`domain_id`)
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8
        ");
    }

    public function add(pm_Domain $domain, $title, $href, $place = 'side')
    {
        $this->db->insert('module_panel_links', [
            'domain_id' => $domain->getId(),
            'title' => $title,
            'href' => $href,
            'place' => $place,
        ]);
        return $this->db->lastInsertId('module_panel_links');
    }

    public function all(pm_Domain $domain)
    {
        return $this->db->fetchAll('SELECT * FROM `module_panel_links` WHERE `domain_id` = ? ORDER BY `created`', [$domain->getId()]);
    }

    public function remove(pm_Domain $domain, $id)
    {
        return $this->db->delete('module_panel_links', ['id = ?' => (int)$id, 'domain_id = ?' => $domain->getId()]);
    }

    public function dropTable()
    {
        $this->db->query('DROP TABLE IF EXISTS `module_panel_links`');
    }
}
