-- The same panel after a restore on a new server: ids of domains, clients and all else are permuted (domains 5 and 7 changed places,
-- 6 → 8 → 9 → 10 → 6 went round, so did the clients but for the administrator), one domain was renamed, one is gone, one was created anew.

INSERT INTO `clients` (`id`, `parent_id`, `vendor_id`, `type`, `cr_date`, `cname`, `pname`, `login`, `passwd`, `account_id`, `email`, `guid`) VALUES
  (1, 0, 1, 'admin', '2019-03-01', 'Hoster', 'Administrator', 'admin', 'secret-hash-of-admin', 101, 'admin@hoster.example', '00000001-00c1-4a1b-9c2d-000000001eef'),
  (2, 1, 1, 'client', '2020-01-15', '', 'Alice', 'alice', 'secret-hash-of-alice', 102, 'alice@kunde.example', '00000003-00c1-4a1b-9c2d-000000005ccd'),
  (3, 4, 4, 'client', '2021-06-30', '', 'Carol', 'carol', 'secret-hash-of-carol', 103, 'carol@web.example', '00000005-00c1-4a1b-9c2d-000000009aab'),
  (4, 1, 1, 'reseller', '2019-04-02', 'Nord IT', 'Nils O\'Hara', 'reseller-nord', 'secret-hash-of-reseller-nord', 104, 'nils@nord.example', '00000002-00c1-4a1b-9c2d-000000003dde'),
  (5, 1, 1, 'client', '2022-09-09', 'Dora \\ Partner', 'Dora', 'dora', 'secret-hash-of-dora', 105, 'dora@partner.example', '00000006-00c1-4a1b-9c2d-00000000b99a'),
  (6, 4, 4, 'client', '2020-02-20', 'Bob & Söhne', 'Bob', 'bob', 'secret-hash-of-bob', 106, 'bob@soehne.example', '00000004-00c1-4a1b-9c2d-000000007bbc');

UPDATE `clients` SET `photo` = 0x00FF275C0A1A3B2D2D20 WHERE `login` = 'bob';

INSERT INTO `domains` (`id`, `cr_date`, `name`, `displayName`, `dns_zone_id`, `status`, `htype`, `real_size`, `cl_id`, `vendor_id`, `webspace_id`, `parentDomainId`, `guid`, `external_id`) VALUES
  (5, '2020-02-20', 'bob.example', 'bob.example', 205, 0, 'vrt_hst', 5242880, 6, 1, 0, 0, '00000007-00d0-4a1b-9c2d-00000000d889', ''),
  (6, '2021-07-01', 'xn--bcher-kva.example', 'bücher.example', 206, 0, 'vrt_hst', 6291456, 3, 1, 10, 0, '0000000a-00d0-4a1b-9c2d-000000013556', ''),
  (7, '2020-01-15', 'alice.example', 'alice.example', 207, 0, 'vrt_hst', 7340032, 2, 1, 0, 0, '00000005-00d0-4a1b-9c2d-000000009aab', ''),
  (8, '2020-01-16', 'shop.alice.example', 'shop.alice.example', 208, 0, 'vrt_hst', 8388608, 2, 1, 7, 7, '00000006-00d0-4a1b-9c2d-00000000b99a', ''),
  (9, '2020-02-21', 'bob-blog.example', 'bob-blog.example', 209, 0, 'vrt_hst', 9437184, 6, 1, 5, 0, '00000008-00d0-4a1b-9c2d-00000000f778', ''),
  (10, '2021-06-30', 'carol.example', 'carol.example', 210, 0, 'vrt_hst', 10485760, 3, 1, 0, 0, '00000009-00d0-4a1b-9c2d-000000011667', ''),
  (11, '2022-09-09', 'dora.example', 'dora.example', 211, 0, 'vrt_hst', 11534336, 5, 1, 0, 0, '0000000b-00d0-4a1b-9c2d-000000015445', ''),
  (12, '2022-10-01', 'new-name.example', 'new-name.example', 212, 0, 'vrt_hst', 12582912, 5, 1, 0, 0, '0000000c-00d0-4a1b-9c2d-000000017334', ''),
  (13, '2019-04-02', 'nord.example', 'nord.example', 213, 0, 'vrt_hst', 13631488, 4, 1, 0, 0, '00000012-00d0-4a1b-9c2d-000000022cce', ''),
  (14, '2026-11-01', 'again.example', 'again.example', 214, 0, 'vrt_hst', 14680064, 2, 1, 0, 0, '00000063-00d0-4a1b-9c2d-0000000bf66d', ''),
  (15, '2023-01-02', 'clone-b.example', 'clone-b.example', 215, 0, 'vrt_hst', 15728640, 6, 1, 0, 0, '0000000f-00d0-4a1b-9c2d-00000001d001', ''),
  (16, '2023-01-01', 'clone-a.example', 'clone-a.example', 216, 0, 'vrt_hst', 16777216, 6, 1, 0, 0, '0000000f-00d0-4a1b-9c2d-00000001d001', ''),
  (17, '2023-03-03', 'no-guid.example', 'no-guid.example', 217, 0, 'vrt_hst', 17825792, 3, 1, 0, 0, '00000000-0000-0000-0000-000000000000', ''),
  (18, '2026-11-02', 'fresh.example', 'fresh.example', 218, 0, 'none', 0, 2, 1, 0, 0, '00000032-00d0-4a1b-9c2d-000000060aae', '');

INSERT INTO `domain_aliases` (`id`, `dom_id`, `name`, `displayName`, `dns_zone_id`) VALUES
  (1, 5, 'bob-alias.example', 'bob-alias.example', 0),
  (2, 6, 'b-alias.example', 'b-alias.example', 0),
  (3, 7, 'alice-alias.example', 'alice-alias.example', 0);

INSERT INTO `Subscriptions` (`id`, `object_id`, `object_type`) VALUES
  (1, 5, 'domain'),
  (2, 7, 'domain'),
  (3, 10, 'domain'),
  (4, 11, 'domain'),
  (5, 12, 'domain'),
  (6, 13, 'domain'),
  (7, 14, 'domain'),
  (8, 15, 'domain'),
  (9, 16, 'domain'),
  (10, 17, 'domain'),
  (11, 4, 'client');

INSERT INTO `Templates` (`id`, `name`, `type`, `owner_id`, `uuid`) VALUES
  (1, 'Gold', 'domain', 4, '00000003-0091-4a1b-9c2d-000000005ccd'),
  (2, 'Gold', 'domain', 1, '00000001-0091-4a1b-9c2d-000000001eef'),
  (3, 'Silver', 'domain', 1, '00000002-0091-4a1b-9c2d-000000003dde'),
  (4, 'Backup Pack', 'domain_addon', 1, '00000004-0091-4a1b-9c2d-000000007bbc'),
  (5, 'Nord Reseller', 'reseller', 1, '00000005-0091-4a1b-9c2d-000000009aab');

INSERT INTO `PlansSubscriptions` (`subscription_id`, `plan_id`) VALUES
  (1, 3),
  (2, 2),
  (3, 2),
  (4, 3),
  (5, 2),
  (6, 3),
  (7, 3),
  (8, 3),
  (9, 2),
  (10, 2);

INSERT INTO `PlanItems` (`id`, `classname`, `name`, `uuid`) VALUES
  (2, 'Site\\Builder', 'sitebuilder', '00000001-0092-4a1b-9c2d-000000001eef'),
  (1, 'Other', 'ext-other-item', '00000002-0092-4a1b-9c2d-000000003dde');

INSERT INTO `smb_roles` (`id`, `name`, `ownerId`, `isBuiltIn`) VALUES
  (1, 'Admin', 1, 1),
  (2, 'Webmaster', 6, 0),
  (3, 'Webmaster', 2, 0);

INSERT INTO `smb_users` (`id`, `login`, `password`, `uuid`, `roleId`, `email`, `contactName`, `creationDate`, `isBuiltIn`, `ownerId`, `subscriptionDomainId`) VALUES
  (1, 'admin', '$6$secret$admin', '00000001-00e0-4a1b-9c2d-000000001eef', 1, 'admin@mail.example', 'Admin', '2022-01-01 10:00:00', 0, 1, 0),
  (2, 'bob', '$6$secret$bob', '00000003-00e0-4a1b-9c2d-000000005ccd', 1, 'bob@mail.example', 'Bob', '2022-01-03 10:00:00', 0, 6, 0),
  (3, 'alice', '$6$secret$alice', '00000002-00e0-4a1b-9c2d-000000003dde', 1, 'alice@mail.example', 'Alice', '2022-01-02 10:00:00', 0, 2, 0),
  (4, 'info@bob.example', '$6$secret$info@bob.example', '00000005-00e0-4a1b-9c2d-000000009aab', 1, 'info@mail.example', 'Info@Bob.Example', '2022-01-05 10:00:00', 0, 6, 5),
  (5, 'alice-webmaster', '$6$secret$alice-webmaster', '00000004-00e0-4a1b-9c2d-000000007bbc', 1, 'alice-webmaster@mail.example', 'Alice-Webmaster', '2022-01-04 10:00:00', 0, 2, 7);

INSERT INTO `mail` (`id`, `mail_name`, `dom_id`, `account_id`, `userId`) VALUES
  (1, 'info', 5, 301, 0),
  (2, 'alice', 7, 302, 0),
  (3, 'o\'neil', 10, 303, 0),
  (4, 'info', 7, 304, 0),
  (5, 'info', 12, 305, 0),
  (6, 'info', 14, 306, 0);

INSERT INTO `MailLists` (`id`, `dom_id`, `name`) VALUES
  (1, 5, 'news');

INSERT INTO `DatabaseServers` (`id`, `host`, `port`, `type`, `admin_login`, `admin_password`) VALUES
  (1, 'localhost', 3306, 'mysql', 'admin', 'secret-db'),
  (3, 'db2.hoster.example', 5432, 'postgresql', 'postgres', 'secret-pg');

INSERT INTO `data_bases` (`id`, `name`, `type`, `dom_id`, `db_server_id`) VALUES
  (1, 'bob_wp', 'mysql', 5, 1),
  (2, 'Bob_wp', 'mysql', 5, 1),
  (3, 'alice_shop', 'mysql', 7, 1);

INSERT INTO `db_users` (`id`, `login`, `db_id`, `dom_id`) VALUES
  (1, 'carol_all', 0, 10),
  (2, 'alice_u', 3, 7),
  (3, 'bob_u', 1, 5);

INSERT INTO `dns_zone` (`id`, `name`, `displayName`, `serial`) VALUES
  (205, 'bob.example', 'bob.example', '2026010101'),
  (206, 'xn--bcher-kva.example', 'bücher.example', '2026010101'),
  (207, 'alice.example', 'alice.example', '2026010101'),
  (208, 'shop.alice.example', 'shop.alice.example', '2026010101'),
  (209, 'bob-blog.example', 'bob-blog.example', '2026010101'),
  (210, 'carol.example', 'carol.example', '2026010101'),
  (211, 'dora.example', 'dora.example', '2026010101'),
  (212, 'new-name.example', 'new-name.example', '2026010101'),
  (213, 'nord.example', 'nord.example', '2026010101'),
  (214, 'again.example', 'again.example', '2026010101'),
  (215, 'clone-b.example', 'clone-b.example', '2026010101'),
  (216, 'clone-a.example', 'clone-a.example', '2026010101'),
  (217, 'no-guid.example', 'no-guid.example', '2026010101');

INSERT INTO `dns_recs` (`id`, `dns_zone_id`, `type`, `host`, `val`, `opt`) VALUES
  (11, 205, 'A', 'bob.example.', '192.0.2.10', ''),
  (12, 205, 'TXT', 'bob.example.', 'v=spf1 +a; include:"x" -all', ''),
  (13, 206, 'A', 'xn--bcher-kva.example.', '192.0.2.10', ''),
  (14, 206, 'TXT', 'xn--bcher-kva.example.', 'v=spf1 +a; include:"x" -all', ''),
  (15, 207, 'A', 'alice.example.', '192.0.2.10', ''),
  (16, 207, 'TXT', 'alice.example.', 'v=spf1 +a; include:"x" -all', ''),
  (17, 208, 'A', 'shop.alice.example.', '192.0.2.10', ''),
  (18, 208, 'TXT', 'shop.alice.example.', 'v=spf1 +a; include:"x" -all', ''),
  (19, 209, 'A', 'bob-blog.example.', '192.0.2.10', ''),
  (20, 209, 'TXT', 'bob-blog.example.', 'v=spf1 +a; include:"x" -all', ''),
  (21, 210, 'A', 'carol.example.', '192.0.2.10', ''),
  (22, 210, 'TXT', 'carol.example.', 'v=spf1 +a; include:"x" -all', '');

INSERT INTO `IP_Addresses` (`id`, `ip_address`, `mask`, `iface`) VALUES
  (2, '192.0.2.10', '255.255.255.0', 'eth0'),
  (1, '2001:db8::10', 'ffff:ffff:ffff:ffff::', 'eth0');

INSERT INTO `ServiceNodes` (`id`, `ipAddress`) VALUES
  (1, 'local');

INSERT INTO `certificates` (`id`, `name`, `csr`, `pvt_key`, `cert`) VALUES
  (1, 'default certificate', '-----BEGIN CSR-----
x', '-----BEGIN SECRET KEY-----
secret', '-----BEGIN CERT-----'),
  (2, 'Lets Encrypt alice.example', NULL, 'secret', ''),
  (3, 'Lets Encrypt alice.example', NULL, 'secret', '');

INSERT INTO `sys_users` (`id`, `login`, `account_id`, `home`, `shell`) VALUES
  (1, 'carol_ftp', 0, '/var/www/vhosts/carol.example', '/bin/false'),
  (2, 'bob_ftp', 0, '/var/www/vhosts/bob.example', '/bin/false'),
  (3, 'alice_ftp', 0, '/var/www/vhosts/alice.example', '/bin/false');

INSERT INTO `hosting` (`dom_id`, `sys_user_id`, `www_root`) VALUES
  (5, 2, '/var/www/vhosts/bob.example/httpdocs'),
  (7, 3, '/var/www/vhosts/alice.example/httpdocs'),
  (10, 1, '/var/www/vhosts/carol.example/httpdocs');

INSERT INTO `protected_dirs` (`id`, `path`, `realm`, `dom_id`) VALUES
  (1, 'private', 'Keep out; it\'s private', 7);

INSERT INTO `custom_buttons` (`id`, `level`, `level_id`, `place`, `text`, `url`) VALUES
  (2, 1, 0, 'navigation', 'Sample', '/modules/sample/index.php');

INSERT INTO `ScheduledTasks` (`id`, `hash`, `command`, `description`) VALUES
  (2, '0x0123456789abcdef0123456789abcdef', 'php -f \'/x/y.php\'', 'Extension sample');

INSERT INTO `Modules` (`id`, `name`, `display_name`, `version`) VALUES
  (1, 'sample', 'Sample', '1.0'),
  (3, 'wp-toolkit', 'WP Toolkit', '6.0');

INSERT INTO `ModuleSettings` (`module_id`, `name`, `value`) VALUES
  (1, 'status-5', 'ok'),
  (1, 'status-7', 'failed'),
  (1, 'clientMap', '{"3":"gold","4":"silver"}');

INSERT INTO `dom_param` (`dom_id`, `param`, `val`) VALUES
  (7, 'ext-sample-parent', '5');

INSERT INTO `cl_param` (`cl_id`, `param`, `val`) VALUES
  (6, 'ext-sample-token', 'secret-token');

INSERT INTO `accounts` (`id`, `password`) VALUES
  (101, '$AES-128-CBC$secret=='),
  (102, '$AES-128-CBC$secret=='),
  (103, '$AES-128-CBC$secret=='),
  (104, '$AES-128-CBC$secret=='),
  (105, '$AES-128-CBC$secret=='),
  (106, '$AES-128-CBC$secret==');

INSERT INTO `mail_aliases` (`id`, `mn_id`, `alias`) VALUES
  (11, 4, 'contact'),
  (12, 1, 'contact');

INSERT INTO `mail_redir` (`id`, `mn_id`, `address`) VALUES
  (11, 4, 'alice@elsewhere.example');

INSERT INTO `ftp_users` (`id`, `dom_id`, `sys_user_id`) VALUES
  (11, 7, 1);

INSERT INTO `web_users` (`id`, `dom_id`, `sys_user_id`) VALUES
  (11, 5, 2);

INSERT INTO `DomainServices` (`id`, `dom_id`, `type`) VALUES
  (11, 7, 'mail'),
  (12, 7, 'web'),
  (13, 5, 'web');

INSERT INTO `pd_users` (`id`, `login`, `account_id`, `pd_id`) VALUES
  (11, 'guest', 107, (SELECT `id` FROM `protected_dirs` WHERE `path` = 'private'));

INSERT INTO `actions` (`id`, `name`, `descr`) VALUES
  (11, 'domain_create', 'Domain created'),
  (12, 'domain_delete', 'Domain deleted');

INSERT INTO `anon_ftp` (`id`, `dom_id`, `status`) VALUES
  (11, 7, 'true'),
  (12, 12, 'false');

INSERT INTO `dns_recs_t` (`id`, `type`, `host`, `val`, `opt`) VALUES
  (11, 'A', 'ftp.<domain>.', '<ip>', ''),
  (12, 'MX', '<domain>.', 'mail.<domain>.', '10'),
  (13, 'NS', '<domain>.', 'ns.<domain>.', '');
