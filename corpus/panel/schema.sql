-- The tables of a panel's database that hold objects which extensions refer to, and some that hold secrets or settings.
-- Written for this project after the panel's documented and observed columns; no statement is a vendor's own.

CREATE TABLE `clients` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `parent_id` int unsigned NOT NULL DEFAULT 0,
  `vendor_id` int unsigned NOT NULL DEFAULT 0,
  `type` enum('admin','reseller','client') NOT NULL DEFAULT 'client',
  `cr_date` date DEFAULT NULL,
  `cname` varchar(255) NOT NULL DEFAULT '',
  `pname` varchar(255) NOT NULL DEFAULT '',
  `login` varchar(255) NOT NULL,
  `passwd` varchar(255) DEFAULT NULL,
  `account_id` int unsigned NOT NULL DEFAULT 0,
  `email` varchar(255) DEFAULT NULL,
  `guid` varchar(36) NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  `status` bigint unsigned NOT NULL DEFAULT 0,
  `external_id` varchar(255) DEFAULT NULL,
  `photo` blob DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `login` (`login`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `domains` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `cr_date` date DEFAULT NULL,
  `name` varchar(255) NOT NULL COMMENT 'ASCII; it''s the (real) name, not the shown one',
  `displayName` varchar(255) NOT NULL,
  `dns_zone_id` int unsigned NOT NULL DEFAULT 0,
  `status` bigint unsigned NOT NULL DEFAULT 0,
  `htype` enum('none','vrt_hst','std_fwd','frm_fwd') NOT NULL DEFAULT 'none',
  `real_size` bigint unsigned DEFAULT 0,
  `cl_id` int unsigned NOT NULL DEFAULT 0,
  `vendor_id` int unsigned NOT NULL DEFAULT 0,
  `webspace_id` int unsigned NOT NULL DEFAULT 0,
  `parentDomainId` int unsigned NOT NULL DEFAULT 0,
  `guid` varchar(36) NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  `external_id` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`), KEY `cl_id` (`cl_id`), KEY `shown` (`displayName`(20))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `domain_aliases` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `status` int unsigned NOT NULL DEFAULT 0,
  `dom_id` int unsigned NOT NULL,
  `name` varchar(255) NOT NULL,
  `displayName` varchar(255) NOT NULL,
  `dns_zone_id` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `Subscriptions` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `object_id` int unsigned NOT NULL,
  `object_type` enum('domain','client') NOT NULL,
  `locked` enum('false','true') NOT NULL DEFAULT 'false',
  `synchronized` enum('false','true') NOT NULL DEFAULT 'true',
  `custom` enum('false','true') NOT NULL DEFAULT 'false',
  PRIMARY KEY (`id`), UNIQUE KEY `object` (`object_id`,`object_type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `Templates` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `type` varchar(20) NOT NULL DEFAULT 'domain',
  `owner_id` int unsigned NOT NULL,
  `note_id` int unsigned DEFAULT NULL,
  `uuid` varchar(36) NOT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `owned` (`owner_id`,`type`,`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `PlansSubscriptions` (
  `subscription_id` int unsigned NOT NULL,
  `plan_id` int unsigned NOT NULL,
  `quantity` int unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`subscription_id`,`plan_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `PlanItems` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `classname` varchar(255) NOT NULL,
  `name` varchar(255) NOT NULL,
  `uuid` varchar(36) NOT NULL,
  `isVisible` tinyint NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`), UNIQUE KEY `uuid` (`uuid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `smb_roles` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `ownerId` int unsigned NOT NULL,
  `isBuiltIn` tinyint NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `smb_users` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(255) NOT NULL,
  `password` text DEFAULT NULL,
  `uuid` varchar(36) NOT NULL,
  `roleId` int unsigned NOT NULL DEFAULT 0,
  `email` varchar(255) DEFAULT NULL,
  `contactName` varchar(255) DEFAULT NULL,
  `creationDate` datetime DEFAULT NULL,
  `isBuiltIn` tinyint NOT NULL DEFAULT 0,
  `ownerId` int unsigned NOT NULL DEFAULT 0,
  `subscriptionDomainId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`), UNIQUE KEY `login` (`login`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `mail` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `mail_name` varchar(245) NOT NULL,
  `perm_id` int unsigned NOT NULL DEFAULT 0,
  `dom_id` int unsigned NOT NULL,
  `account_id` int unsigned NOT NULL DEFAULT 0,
  `userId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`), UNIQUE KEY `address` (`dom_id`,`mail_name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `MailLists` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int unsigned NOT NULL,
  `name` varchar(255) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `DatabaseServers` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `host` varchar(255) NOT NULL,
  `port` int unsigned NOT NULL DEFAULT 0,
  `type` varchar(20) NOT NULL DEFAULT 'mysql',
  `admin_login` varchar(255) DEFAULT NULL,
  `admin_password` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `place` (`host`,`port`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `data_bases` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(63) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin NOT NULL,
  `type` varchar(20) NOT NULL DEFAULT 'mysql',
  `dom_id` int unsigned NOT NULL,
  `db_server_id` int unsigned NOT NULL,
  `default_user_id` int unsigned DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`,`db_server_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `db_users` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(63) NOT NULL,
  `account_id` int unsigned NOT NULL DEFAULT 0,
  `db_id` int unsigned NOT NULL DEFAULT 0,
  `dom_id` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `dns_zone` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `displayName` varchar(255) NOT NULL,
  `serial` varchar(12) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `dns_recs` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dns_zone_id` int unsigned NOT NULL,
  `type` varchar(10) NOT NULL,
  `displayHost` varchar(255) DEFAULT NULL,
  `host` varchar(255) DEFAULT NULL,
  `displayVal` text DEFAULT NULL,
  `val` text DEFAULT NULL,
  `opt` varchar(255) DEFAULT NULL,
  `time_stamp` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `IP_Addresses` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `ip_address` varchar(39) NOT NULL,
  `mask` varchar(39) NOT NULL DEFAULT '',
  `iface` varchar(255) DEFAULT NULL,
  `ssl_certificate_id` int unsigned NOT NULL DEFAULT 0,
  `default_domain_id` int unsigned NOT NULL DEFAULT 0,
  `serviceNodeId` int unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`), UNIQUE KEY `ip_address` (`ip_address`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `ServiceNodes` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `ipAddress` varchar(39) NOT NULL,
  `externalId` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `ipAddress` (`ipAddress`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `certificates` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `csr` text DEFAULT NULL,
  `pvt_key` text DEFAULT NULL,
  `cert` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `sys_users` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(32) NOT NULL,
  `account_id` int unsigned NOT NULL DEFAULT 0,
  `home` varchar(255) NOT NULL DEFAULT '',
  `shell` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`), UNIQUE KEY `login` (`login`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `hosting` (
  `dom_id` int unsigned NOT NULL,
  `sys_user_id` int unsigned NOT NULL,
  `www_root` varchar(255) NOT NULL DEFAULT '',
  `certificate_id` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`dom_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `protected_dirs` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `realm` varchar(255) DEFAULT NULL,
  `dom_id` int unsigned NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `custom_buttons` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `level` int unsigned NOT NULL DEFAULT 1,
  `level_id` int unsigned NOT NULL DEFAULT 0,
  `place` varchar(255) NOT NULL,
  `text` varchar(255) NOT NULL,
  `url` varchar(255) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `ScheduledTasks` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `hash` varchar(34) NOT NULL,
  `serviceNodeId` int unsigned NOT NULL DEFAULT 1,
  `sysUser` varchar(255) NOT NULL DEFAULT 'root',
  `command` text NOT NULL,
  `description` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `hash` (`hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `Modules` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `display_name` varchar(255) DEFAULT NULL,
  `version` varchar(30) DEFAULT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `ModuleSettings` (
  `module_id` int unsigned NOT NULL,
  `name` varchar(255) NOT NULL,
  `value` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`module_id`,`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `dom_param` (
  `dom_id` int unsigned NOT NULL,
  `param` varchar(255) NOT NULL,
  `val` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`dom_id`,`param`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `cl_param` (
  `cl_id` int unsigned NOT NULL,
  `param` varchar(255) NOT NULL,
  `val` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`cl_id`,`param`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `accounts` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `type` varchar(32) NOT NULL DEFAULT 'plain',
  `password` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `mail_aliases` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `mn_id` int unsigned NOT NULL,
  `alias` varchar(245) NOT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `alias` (`mn_id`,`alias`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `mail_redir` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `mn_id` int unsigned NOT NULL,
  `address` varchar(255) NOT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `address` (`mn_id`,`address`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `ftp_users` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int unsigned NOT NULL,
  `sys_user_id` int unsigned NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `web_users` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int unsigned NOT NULL,
  `sys_user_id` int unsigned NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `anon_ftp` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int unsigned NOT NULL,
  `status` enum('false','true') NOT NULL DEFAULT 'false',
  PRIMARY KEY (`id`), UNIQUE KEY `dom_id` (`dom_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `dns_recs_t` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `type` varchar(16) NOT NULL,
  `host` varchar(255) NOT NULL DEFAULT '',
  `val` text NOT NULL,
  `opt` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `DomainServices` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int unsigned NOT NULL,
  `type` enum('mail','tomcat','maillists','web') NOT NULL,
  `status` bigint unsigned NOT NULL DEFAULT 0,
  `parameters_id` int unsigned NOT NULL DEFAULT 0,
  `ipCollectionId` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`), UNIQUE KEY `service` (`dom_id`,`type`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `pd_users` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(255) NOT NULL,
  `account_id` int unsigned NOT NULL DEFAULT 0,
  `pd_id` int unsigned NOT NULL,
  PRIMARY KEY (`id`), UNIQUE KEY `login` (`pd_id`,`login`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE TABLE `actions` (
  `id` int unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `descr` varchar(255) DEFAULT NULL,
  `enabled` enum('false','true') NOT NULL DEFAULT 'true',
  PRIMARY KEY (`id`), UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3;

CREATE VIEW `domains_of_clients` AS SELECT `c`.`login`, `d`.`name` FROM `clients` `c` JOIN `domains` `d` ON `d`.`cl_id` = `c`.`id`;

DELIMITER ;;
CREATE TRIGGER `domains_after_delete` AFTER DELETE ON `domains` FOR EACH ROW
BEGIN
  -- a domain's settings go with it; this comment doesn't end the statement
  DELETE FROM `dom_param` WHERE `dom_id` = OLD.`id`;
END;;
DELIMITER ;
