-- The panel before the backup.

INSERT INTO `clients` (`id`, `parent_id`, `vendor_id`, `type`, `cr_date`, `cname`, `pname`, `login`, `passwd`, `account_id`, `email`, `guid`) VALUES
  (1, 0, 1, 'admin', '2019-03-01', 'Hoster', 'Administrator', 'admin', 'secret-hash-of-admin', 101, 'admin@hoster.example', '00000001-00c1-4a1b-9c2d-000000001eef'),
  (2, 1, 1, 'reseller', '2019-04-02', 'Nord IT', 'Nils O\'Hara', 'reseller-nord', 'secret-hash-of-reseller-nord', 102, 'nils@nord.example', '00000002-00c1-4a1b-9c2d-000000003dde'),
  (3, 1, 1, 'client', '2020-01-15', '', 'Alice', 'alice', 'secret-hash-of-alice', 103, 'alice@kunde.example', '00000003-00c1-4a1b-9c2d-000000005ccd'),
  (4, 2, 2, 'client', '2020-02-20', 'Bob & Söhne', 'Bob', 'bob', 'secret-hash-of-bob', 104, 'bob@soehne.example', '00000004-00c1-4a1b-9c2d-000000007bbc'),
  (5, 2, 2, 'client', '2021-06-30', '', 'Carol', 'carol', 'secret-hash-of-carol', 105, 'carol@web.example', '00000005-00c1-4a1b-9c2d-000000009aab'),
  (6, 1, 1, 'client', '2022-09-09', 'Dora \\ Partner', 'Dora', 'dora', 'secret-hash-of-dora', 106, 'dora@partner.example', '00000006-00c1-4a1b-9c2d-00000000b99a');

UPDATE `clients` SET `photo` = 0x00FF275C0A1A3B2D2D20 WHERE `login` = 'bob';

INSERT INTO `domains` (`id`, `cr_date`, `name`, `displayName`, `dns_zone_id`, `status`, `htype`, `real_size`, `cl_id`, `vendor_id`, `webspace_id`, `parentDomainId`, `guid`, `external_id`) VALUES
  (5, '2020-01-15', 'alice.example', 'alice.example', 205, 0, 'vrt_hst', 5242880, 3, 1, 0, 0, '00000005-00d0-4a1b-9c2d-000000009aab', ''),
  (6, '2020-01-16', 'shop.alice.example', 'shop.alice.example', 206, 0, 'vrt_hst', 6291456, 3, 1, 5, 5, '00000006-00d0-4a1b-9c2d-00000000b99a', ''),
  (7, '2020-02-20', 'bob.example', 'bob.example', 207, 0, 'vrt_hst', 7340032, 4, 1, 0, 0, '00000007-00d0-4a1b-9c2d-00000000d889', ''),
  (8, '2020-02-21', 'bob-blog.example', 'bob-blog.example', 208, 0, 'vrt_hst', 8388608, 4, 1, 7, 0, '00000008-00d0-4a1b-9c2d-00000000f778', ''),
  (9, '2021-06-30', 'carol.example', 'carol.example', 209, 0, 'vrt_hst', 9437184, 5, 1, 0, 0, '00000009-00d0-4a1b-9c2d-000000011667', ''),
  (10, '2021-07-01', 'xn--bcher-kva.example', 'bücher.example', 210, 0, 'vrt_hst', 10485760, 5, 1, 9, 0, '0000000a-00d0-4a1b-9c2d-000000013556', ''),
  (11, '2022-09-09', 'dora.example', 'dora.example', 211, 0, 'vrt_hst', 11534336, 6, 1, 0, 0, '0000000b-00d0-4a1b-9c2d-000000015445', ''),
  (12, '2022-10-01', 'old-name.example', 'old-name.example', 212, 0, 'vrt_hst', 12582912, 6, 1, 0, 0, '0000000c-00d0-4a1b-9c2d-000000017334', ''),
  (13, '2022-10-02', 'gone.example', 'gone.example', 213, 0, 'vrt_hst', 13631488, 6, 1, 0, 0, '0000000d-00d0-4a1b-9c2d-000000019223', ''),
  (14, '2022-10-03', 'again.example', 'again.example', 214, 0, 'vrt_hst', 14680064, 3, 1, 0, 0, '0000000e-00d0-4a1b-9c2d-00000001b112', ''),
  (15, '2023-01-01', 'clone-a.example', 'clone-a.example', 215, 0, 'vrt_hst', 15728640, 4, 1, 0, 0, '0000000f-00d0-4a1b-9c2d-00000001d001', ''),
  (16, '2023-01-02', 'clone-b.example', 'clone-b.example', 216, 0, 'vrt_hst', 16777216, 4, 1, 0, 0, '0000000f-00d0-4a1b-9c2d-00000001d001', ''),
  (17, '2023-03-03', 'no-guid.example', 'no-guid.example', 217, 0, 'vrt_hst', 17825792, 5, 1, 0, 0, '00000000-0000-0000-0000-000000000000', ''),
  (18, '2019-04-02', 'nord.example', 'nord.example', 218, 0, 'vrt_hst', 18874368, 2, 1, 0, 0, '00000012-00d0-4a1b-9c2d-000000022cce', '');

INSERT INTO `domain_aliases` (`id`, `dom_id`, `name`, `displayName`, `dns_zone_id`) VALUES
  (1, 5, 'alice-alias.example', 'alice-alias.example', 0),
  (2, 7, 'bob-alias.example', 'bob-alias.example', 0),
  (3, 10, 'b-alias.example', 'b-alias.example', 0);

INSERT INTO `Subscriptions` (`id`, `object_id`, `object_type`) VALUES
  (1, 5, 'domain'),
  (2, 7, 'domain'),
  (3, 9, 'domain'),
  (4, 11, 'domain'),
  (5, 12, 'domain'),
  (6, 13, 'domain'),
  (7, 14, 'domain'),
  (8, 15, 'domain'),
  (9, 16, 'domain'),
  (10, 17, 'domain'),
  (11, 18, 'domain'),
  (12, 2, 'client');

INSERT INTO `Templates` (`id`, `name`, `type`, `owner_id`, `uuid`) VALUES
  (1, 'Gold', 'domain', 1, '00000001-0091-4a1b-9c2d-000000001eef'),
  (2, 'Silver', 'domain', 1, '00000002-0091-4a1b-9c2d-000000003dde'),
  (3, 'Gold', 'domain', 2, '00000003-0091-4a1b-9c2d-000000005ccd'),
  (4, 'Backup Pack', 'domain_addon', 1, '00000004-0091-4a1b-9c2d-000000007bbc'),
  (5, 'Nord Reseller', 'reseller', 1, '00000005-0091-4a1b-9c2d-000000009aab');

INSERT INTO `PlansSubscriptions` (`subscription_id`, `plan_id`) VALUES
  (1, 1),
  (2, 2),
  (3, 1),
  (4, 2),
  (5, 1),
  (6, 2),
  (7, 1),
  (8, 2),
  (9, 1),
  (10, 2),
  (11, 1);

INSERT INTO `PlanItems` (`id`, `classname`, `name`, `uuid`) VALUES
  (1, 'Site\\Builder', 'sitebuilder', '00000001-0092-4a1b-9c2d-000000001eef'),
  (2, 'Other', 'ext-other-item', '00000002-0092-4a1b-9c2d-000000003dde');

INSERT INTO `smb_roles` (`id`, `name`, `ownerId`, `isBuiltIn`) VALUES
  (1, 'Admin', 1, 1),
  (2, 'Webmaster', 3, 0),
  (3, 'Webmaster', 4, 0);

INSERT INTO `smb_users` (`id`, `login`, `password`, `uuid`, `roleId`, `email`, `contactName`, `creationDate`, `isBuiltIn`, `ownerId`, `subscriptionDomainId`) VALUES
  (1, 'admin', '$6$secret$admin', '00000001-00e0-4a1b-9c2d-000000001eef', 1, 'admin@mail.example', 'Admin', '2022-01-01 10:00:00', 0, 1, 0),
  (2, 'alice', '$6$secret$alice', '00000002-00e0-4a1b-9c2d-000000003dde', 1, 'alice@mail.example', 'Alice', '2022-01-02 10:00:00', 0, 3, 0),
  (3, 'bob', '$6$secret$bob', '00000003-00e0-4a1b-9c2d-000000005ccd', 1, 'bob@mail.example', 'Bob', '2022-01-03 10:00:00', 0, 4, 0),
  (4, 'alice-webmaster', '$6$secret$alice-webmaster', '00000004-00e0-4a1b-9c2d-000000007bbc', 1, 'alice-webmaster@mail.example', 'Alice-Webmaster', '2022-01-04 10:00:00', 0, 3, 5),
  (5, 'info@bob.example', '$6$secret$info@bob.example', '00000005-00e0-4a1b-9c2d-000000009aab', 1, 'info@mail.example', 'Info@Bob.Example', '2022-01-05 10:00:00', 0, 4, 7);

INSERT INTO `mail` (`id`, `mail_name`, `dom_id`, `account_id`, `userId`) VALUES
  (1, 'info', 5, 301, 0),
  (2, 'info', 7, 302, 0),
  (3, 'alice', 5, 303, 0),
  (4, 'o\'neil', 9, 304, 0),
  (5, 'info', 14, 305, 0),
  (6, 'info', 12, 306, 0);

INSERT INTO `MailLists` (`id`, `dom_id`, `name`) VALUES
  (1, 7, 'news');

INSERT INTO `DatabaseServers` (`id`, `host`, `port`, `type`, `admin_login`, `admin_password`) VALUES
  (1, 'localhost', 3306, 'mysql', 'admin', 'secret-db'),
  (2, 'db2.hoster.example', 5432, 'postgresql', 'postgres', 'secret-pg');

INSERT INTO `data_bases` (`id`, `name`, `type`, `dom_id`, `db_server_id`) VALUES
  (1, 'alice_shop', 'mysql', 5, 1),
  (2, 'bob_wp', 'mysql', 7, 1),
  (3, 'Bob_wp', 'mysql', 7, 1);

INSERT INTO `db_users` (`id`, `login`, `db_id`, `dom_id`) VALUES
  (1, 'alice_u', 1, 5),
  (2, 'bob_u', 2, 7),
  (3, 'carol_all', 0, 9);

INSERT INTO `dns_zone` (`id`, `name`, `displayName`, `serial`) VALUES
  (205, 'alice.example', 'alice.example', '2026010101'),
  (206, 'shop.alice.example', 'shop.alice.example', '2026010101'),
  (207, 'bob.example', 'bob.example', '2026010101'),
  (208, 'bob-blog.example', 'bob-blog.example', '2026010101'),
  (209, 'carol.example', 'carol.example', '2026010101'),
  (210, 'xn--bcher-kva.example', 'bücher.example', '2026010101'),
  (211, 'dora.example', 'dora.example', '2026010101'),
  (212, 'old-name.example', 'old-name.example', '2026010101'),
  (213, 'gone.example', 'gone.example', '2026010101'),
  (214, 'again.example', 'again.example', '2026010101'),
  (215, 'clone-a.example', 'clone-a.example', '2026010101'),
  (216, 'clone-b.example', 'clone-b.example', '2026010101'),
  (217, 'no-guid.example', 'no-guid.example', '2026010101'),
  (218, 'nord.example', 'nord.example', '2026010101');

INSERT INTO `dns_recs` (`id`, `dns_zone_id`, `type`, `host`, `val`, `opt`) VALUES
  (1, 205, 'A', 'alice.example.', '192.0.2.10', ''),
  (2, 205, 'TXT', 'alice.example.', 'v=spf1 +a; include:"x" -all', ''),
  (3, 206, 'A', 'shop.alice.example.', '192.0.2.10', ''),
  (4, 206, 'TXT', 'shop.alice.example.', 'v=spf1 +a; include:"x" -all', ''),
  (5, 207, 'A', 'bob.example.', '192.0.2.10', ''),
  (6, 207, 'TXT', 'bob.example.', 'v=spf1 +a; include:"x" -all', ''),
  (7, 208, 'A', 'bob-blog.example.', '192.0.2.10', ''),
  (8, 208, 'TXT', 'bob-blog.example.', 'v=spf1 +a; include:"x" -all', ''),
  (9, 209, 'A', 'carol.example.', '192.0.2.10', ''),
  (10, 209, 'TXT', 'carol.example.', 'v=spf1 +a; include:"x" -all', ''),
  (11, 210, 'A', 'xn--bcher-kva.example.', '192.0.2.10', ''),
  (12, 210, 'TXT', 'xn--bcher-kva.example.', 'v=spf1 +a; include:"x" -all', '');

INSERT INTO `IP_Addresses` (`id`, `ip_address`, `mask`, `iface`) VALUES
  (1, '192.0.2.10', '255.255.255.0', 'eth0'),
  (2, '2001:db8::10', 'ffff:ffff:ffff:ffff::', 'eth0');

INSERT INTO `ServiceNodes` (`id`, `ipAddress`) VALUES
  (1, 'local');

INSERT INTO `certificates` (`id`, `name`, `csr`, `pvt_key`, `cert`) VALUES
  (1, 'default certificate', '-----BEGIN CSR-----
x', '-----BEGIN SECRET KEY-----
secret', '-----BEGIN CERT-----'),
  (2, 'Lets Encrypt alice.example', NULL, 'secret', ''),
  (3, 'Lets Encrypt alice.example', NULL, 'secret', '');

INSERT INTO `sys_users` (`id`, `login`, `account_id`, `home`, `shell`) VALUES
  (1, 'alice_ftp', 0, '/var/www/vhosts/alice.example', '/bin/false'),
  (2, 'bob_ftp', 0, '/var/www/vhosts/bob.example', '/bin/false'),
  (3, 'carol_ftp', 0, '/var/www/vhosts/carol.example', '/bin/false');

INSERT INTO `hosting` (`dom_id`, `sys_user_id`, `www_root`) VALUES
  (5, 1, '/var/www/vhosts/alice.example/httpdocs'),
  (7, 2, '/var/www/vhosts/bob.example/httpdocs'),
  (9, 3, '/var/www/vhosts/carol.example/httpdocs');

INSERT INTO `protected_dirs` (`id`, `path`, `realm`, `dom_id`) VALUES
  (1, 'private', 'Keep out; it\'s private', 5);

INSERT INTO `custom_buttons` (`id`, `level`, `level_id`, `place`, `text`, `url`) VALUES
  (1, 1, 0, 'navigation', 'Sample', '/modules/sample/index.php');

INSERT INTO `ScheduledTasks` (`id`, `hash`, `command`, `description`) VALUES
  (1, '0x0123456789abcdef0123456789abcdef', 'php -f \'/x/y.php\'', 'Extension sample');

INSERT INTO `Modules` (`id`, `name`, `display_name`, `version`) VALUES
  (1, 'sample', 'Sample', '1.0'),
  (2, 'wp-toolkit', 'WP Toolkit', '6.0');

INSERT INTO `ModuleSettings` (`module_id`, `name`, `value`) VALUES
  (1, 'status-5', 'ok'),
  (1, 'status-7', 'failed'),
  (1, 'clientMap', '{"3":"gold","4":"silver"}');

INSERT INTO `dom_param` (`dom_id`, `param`, `val`) VALUES
  (5, 'ext-sample-parent', '5');

INSERT INTO `cl_param` (`cl_id`, `param`, `val`) VALUES
  (4, 'ext-sample-token', 'secret-token');

INSERT INTO `accounts` (`id`, `password`) VALUES
  (101, '$AES-128-CBC$secret=='),
  (102, '$AES-128-CBC$secret=='),
  (103, '$AES-128-CBC$secret=='),
  (104, '$AES-128-CBC$secret=='),
  (105, '$AES-128-CBC$secret=='),
  (106, '$AES-128-CBC$secret==');

INSERT INTO `mail_aliases` (`id`, `mn_id`, `alias`) VALUES
  (1, 1, 'contact'),
  (2, 2, 'contact');

INSERT INTO `mail_redir` (`id`, `mn_id`, `address`) VALUES
  (1, 1, 'alice@elsewhere.example');

INSERT INTO `ftp_users` (`id`, `dom_id`, `sys_user_id`) VALUES
  (1, 5, 3);

INSERT INTO `web_users` (`id`, `dom_id`, `sys_user_id`) VALUES
  (1, 7, 2);

INSERT INTO `DomainServices` (`id`, `dom_id`, `type`) VALUES
  (1, 5, 'mail'),
  (2, 5, 'web'),
  (3, 7, 'web');

INSERT INTO `pd_users` (`id`, `login`, `account_id`, `pd_id`) VALUES
  (1, 'guest', 107, (SELECT `id` FROM `protected_dirs` WHERE `path` = 'private'));

INSERT INTO `actions` (`id`, `name`, `descr`) VALUES
  (1, 'domain_create', 'Domain created'),
  (2, 'domain_delete', 'Domain deleted');

INSERT INTO `anon_ftp` (`id`, `dom_id`, `status`) VALUES
  (1, 5, 'true'),
  (2, 12, 'false');

INSERT INTO `dns_recs_t` (`id`, `type`, `host`, `val`, `opt`) VALUES
  (1, 'NS', '<domain>.', 'ns.<domain>.', ''),
  (2, 'A', 'ftp.<domain>.', '<ip>', ''),
  (3, 'MX', '<domain>.', 'mail.<domain>.', '10');
