CREATE TABLE IF NOT EXISTS `module_panel_links` (
    `id`        INT(10) UNSIGNED NOT NULL AUTO_INCREMENT,
    `domain_id` INT(10) UNSIGNED NOT NULL,
    `title`     VARCHAR(255) CHARACTER SET utf8 COLLATE utf8_general_ci NOT NULL DEFAULT '',
    `href`      TEXT NOT NULL,
    `place`     ENUM('top', 'side') NOT NULL DEFAULT 'side',
    `created`   TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (`id`),
    KEY `domain` (`domain_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO module_panel_links VALUES
    (1, 5, 'Shop', 'https://shop.example/?domain_id=5', 'top', '2026-01-02 03:04:05'),
    (2, 7, 'Büro', '/smb/web/7', 'side', '2026-01-02 03:04:06'),
    (3, 5, 'Shop, again', '', 'side', '2026-01-02 03:04:07'),
    (4, 11, 'Blog', '#11', 'top', '2026-01-02 03:04:08');
