/*M!999999\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
--
-- Host: localhost    Database: psa
-- ------------------------------------------------------
-- Server version	10.11.19-MariaDB-0+deb12u1

/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;

--
-- Table structure for table `DatabaseServers`
--

DROP TABLE IF EXISTS `DatabaseServers`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `DatabaseServers` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `host` varchar(255) NOT NULL,
  `port` int(10) unsigned NOT NULL DEFAULT 0,
  `type` varchar(20) NOT NULL DEFAULT 'mysql',
  `admin_login` varchar(255) DEFAULT NULL,
  `admin_password` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `place` (`host`,`port`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `DatabaseServers`
--

LOCK TABLES `DatabaseServers` WRITE;
/*!40000 ALTER TABLE `DatabaseServers` DISABLE KEYS */;
INSERT INTO `DatabaseServers` VALUES
(1,'localhost',3306,'mysql','admin','secret-db'),
(2,'db2.hoster.example',5432,'postgresql','postgres','secret-pg');
/*!40000 ALTER TABLE `DatabaseServers` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `DomainServices`
--

DROP TABLE IF EXISTS `DomainServices`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `DomainServices` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int(10) unsigned NOT NULL,
  `type` enum('mail','tomcat','maillists','web') NOT NULL,
  `status` bigint(20) unsigned NOT NULL DEFAULT 0,
  `parameters_id` int(10) unsigned NOT NULL DEFAULT 0,
  `ipCollectionId` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `service` (`dom_id`,`type`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `DomainServices`
--

LOCK TABLES `DomainServices` WRITE;
/*!40000 ALTER TABLE `DomainServices` DISABLE KEYS */;
INSERT INTO `DomainServices` VALUES
(1,5,'mail',0,0,0),
(2,5,'web',0,0,0),
(3,7,'web',0,0,0);
/*!40000 ALTER TABLE `DomainServices` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `IP_Addresses`
--

DROP TABLE IF EXISTS `IP_Addresses`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `IP_Addresses` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `ip_address` varchar(39) NOT NULL,
  `mask` varchar(39) NOT NULL DEFAULT '',
  `iface` varchar(255) DEFAULT NULL,
  `ssl_certificate_id` int(10) unsigned NOT NULL DEFAULT 0,
  `default_domain_id` int(10) unsigned NOT NULL DEFAULT 0,
  `serviceNodeId` int(10) unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE KEY `ip_address` (`ip_address`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `IP_Addresses`
--

LOCK TABLES `IP_Addresses` WRITE;
/*!40000 ALTER TABLE `IP_Addresses` DISABLE KEYS */;
INSERT INTO `IP_Addresses` VALUES
(1,'192.0.2.10','255.255.255.0','eth0',0,0,1),
(2,'2001:db8::10','ffff:ffff:ffff:ffff::','eth0',0,0,1);
/*!40000 ALTER TABLE `IP_Addresses` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `MailLists`
--

DROP TABLE IF EXISTS `MailLists`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `MailLists` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int(10) unsigned NOT NULL,
  `name` varchar(255) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `MailLists`
--

LOCK TABLES `MailLists` WRITE;
/*!40000 ALTER TABLE `MailLists` DISABLE KEYS */;
INSERT INTO `MailLists` VALUES
(1,7,'news');
/*!40000 ALTER TABLE `MailLists` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `ModuleSettings`
--

DROP TABLE IF EXISTS `ModuleSettings`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `ModuleSettings` (
  `module_id` int(10) unsigned NOT NULL,
  `name` varchar(255) NOT NULL,
  `value` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`module_id`,`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `ModuleSettings`
--

LOCK TABLES `ModuleSettings` WRITE;
/*!40000 ALTER TABLE `ModuleSettings` DISABLE KEYS */;
INSERT INTO `ModuleSettings` VALUES
(1,'clientMap','{\"3\":\"gold\",\"4\":\"silver\"}'),
(1,'status-5','ok'),
(1,'status-7','failed');
/*!40000 ALTER TABLE `ModuleSettings` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `Modules`
--

DROP TABLE IF EXISTS `Modules`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `Modules` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `display_name` varchar(255) DEFAULT NULL,
  `version` varchar(30) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `Modules`
--

LOCK TABLES `Modules` WRITE;
/*!40000 ALTER TABLE `Modules` DISABLE KEYS */;
INSERT INTO `Modules` VALUES
(1,'sample','Sample','1.0'),
(2,'wp-toolkit','WP Toolkit','6.0');
/*!40000 ALTER TABLE `Modules` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `PlanItems`
--

DROP TABLE IF EXISTS `PlanItems`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `PlanItems` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `classname` varchar(255) NOT NULL,
  `name` varchar(255) NOT NULL,
  `uuid` varchar(36) NOT NULL,
  `isVisible` tinyint(4) NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`),
  UNIQUE KEY `uuid` (`uuid`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `PlanItems`
--

LOCK TABLES `PlanItems` WRITE;
/*!40000 ALTER TABLE `PlanItems` DISABLE KEYS */;
INSERT INTO `PlanItems` VALUES
(1,'Site\\Builder','sitebuilder','00000001-0092-4a1b-9c2d-000000001eef',1),
(2,'Other','ext-other-item','00000002-0092-4a1b-9c2d-000000003dde',1);
/*!40000 ALTER TABLE `PlanItems` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `PlansSubscriptions`
--

DROP TABLE IF EXISTS `PlansSubscriptions`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `PlansSubscriptions` (
  `subscription_id` int(10) unsigned NOT NULL,
  `plan_id` int(10) unsigned NOT NULL,
  `quantity` int(10) unsigned NOT NULL DEFAULT 1,
  PRIMARY KEY (`subscription_id`,`plan_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `PlansSubscriptions`
--

LOCK TABLES `PlansSubscriptions` WRITE;
/*!40000 ALTER TABLE `PlansSubscriptions` DISABLE KEYS */;
INSERT INTO `PlansSubscriptions` VALUES
(1,1,1),
(2,2,1),
(3,1,1),
(4,2,1),
(5,1,1),
(6,2,1),
(7,1,1),
(8,2,1),
(9,1,1),
(10,2,1),
(11,1,1);
/*!40000 ALTER TABLE `PlansSubscriptions` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `ScheduledTasks`
--

DROP TABLE IF EXISTS `ScheduledTasks`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `ScheduledTasks` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `hash` varchar(34) NOT NULL,
  `serviceNodeId` int(10) unsigned NOT NULL DEFAULT 1,
  `sysUser` varchar(255) NOT NULL DEFAULT 'root',
  `command` text NOT NULL,
  `description` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `hash` (`hash`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `ScheduledTasks`
--

LOCK TABLES `ScheduledTasks` WRITE;
/*!40000 ALTER TABLE `ScheduledTasks` DISABLE KEYS */;
INSERT INTO `ScheduledTasks` VALUES
(1,'0x0123456789abcdef0123456789abcdef',1,'root','php -f \'/x/y.php\'','Extension sample');
/*!40000 ALTER TABLE `ScheduledTasks` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `ServiceNodes`
--

DROP TABLE IF EXISTS `ServiceNodes`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `ServiceNodes` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `ipAddress` varchar(39) NOT NULL,
  `externalId` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `ipAddress` (`ipAddress`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `ServiceNodes`
--

LOCK TABLES `ServiceNodes` WRITE;
/*!40000 ALTER TABLE `ServiceNodes` DISABLE KEYS */;
INSERT INTO `ServiceNodes` VALUES
(1,'local',NULL);
/*!40000 ALTER TABLE `ServiceNodes` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `Subscriptions`
--

DROP TABLE IF EXISTS `Subscriptions`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `Subscriptions` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `object_id` int(10) unsigned NOT NULL,
  `object_type` enum('domain','client') NOT NULL,
  `locked` enum('false','true') NOT NULL DEFAULT 'false',
  `synchronized` enum('false','true') NOT NULL DEFAULT 'true',
  `custom` enum('false','true') NOT NULL DEFAULT 'false',
  PRIMARY KEY (`id`),
  UNIQUE KEY `object` (`object_id`,`object_type`)
) ENGINE=InnoDB AUTO_INCREMENT=13 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `Subscriptions`
--

LOCK TABLES `Subscriptions` WRITE;
/*!40000 ALTER TABLE `Subscriptions` DISABLE KEYS */;
INSERT INTO `Subscriptions` VALUES
(1,5,'domain','false','true','false'),
(2,7,'domain','false','true','false'),
(3,9,'domain','false','true','false'),
(4,11,'domain','false','true','false'),
(5,12,'domain','false','true','false'),
(6,13,'domain','false','true','false'),
(7,14,'domain','false','true','false'),
(8,15,'domain','false','true','false'),
(9,16,'domain','false','true','false'),
(10,17,'domain','false','true','false'),
(11,18,'domain','false','true','false'),
(12,2,'client','false','true','false');
/*!40000 ALTER TABLE `Subscriptions` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `Templates`
--

DROP TABLE IF EXISTS `Templates`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `Templates` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `type` varchar(20) NOT NULL DEFAULT 'domain',
  `owner_id` int(10) unsigned NOT NULL,
  `note_id` int(10) unsigned DEFAULT NULL,
  `uuid` varchar(36) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `owned` (`owner_id`,`type`,`name`)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `Templates`
--

LOCK TABLES `Templates` WRITE;
/*!40000 ALTER TABLE `Templates` DISABLE KEYS */;
INSERT INTO `Templates` VALUES
(1,'Gold','domain',1,NULL,'00000001-0091-4a1b-9c2d-000000001eef'),
(2,'Silver','domain',1,NULL,'00000002-0091-4a1b-9c2d-000000003dde'),
(3,'Gold','domain',2,NULL,'00000003-0091-4a1b-9c2d-000000005ccd'),
(4,'Backup Pack','domain_addon',1,NULL,'00000004-0091-4a1b-9c2d-000000007bbc'),
(5,'Nord Reseller','reseller',1,NULL,'00000005-0091-4a1b-9c2d-000000009aab');
/*!40000 ALTER TABLE `Templates` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `accounts`
--

DROP TABLE IF EXISTS `accounts`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `accounts` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `type` varchar(32) NOT NULL DEFAULT 'plain',
  `password` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=107 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `accounts`
--

LOCK TABLES `accounts` WRITE;
/*!40000 ALTER TABLE `accounts` DISABLE KEYS */;
INSERT INTO `accounts` VALUES
(101,'plain','$AES-128-CBC$secret=='),
(102,'plain','$AES-128-CBC$secret=='),
(103,'plain','$AES-128-CBC$secret=='),
(104,'plain','$AES-128-CBC$secret=='),
(105,'plain','$AES-128-CBC$secret=='),
(106,'plain','$AES-128-CBC$secret==');
/*!40000 ALTER TABLE `accounts` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `actions`
--

DROP TABLE IF EXISTS `actions`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `actions` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `descr` varchar(255) DEFAULT NULL,
  `enabled` enum('false','true') NOT NULL DEFAULT 'true',
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `actions`
--

LOCK TABLES `actions` WRITE;
/*!40000 ALTER TABLE `actions` DISABLE KEYS */;
INSERT INTO `actions` VALUES
(1,'domain_create','Domain created','true'),
(2,'domain_delete','Domain deleted','true');
/*!40000 ALTER TABLE `actions` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `anon_ftp`
--

DROP TABLE IF EXISTS `anon_ftp`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `anon_ftp` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int(10) unsigned NOT NULL,
  `status` enum('false','true') NOT NULL DEFAULT 'false',
  PRIMARY KEY (`id`),
  UNIQUE KEY `dom_id` (`dom_id`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `anon_ftp`
--

LOCK TABLES `anon_ftp` WRITE;
/*!40000 ALTER TABLE `anon_ftp` DISABLE KEYS */;
INSERT INTO `anon_ftp` VALUES
(1,5,'true'),
(2,12,'false');
/*!40000 ALTER TABLE `anon_ftp` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `certificates`
--

DROP TABLE IF EXISTS `certificates`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `certificates` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `csr` text DEFAULT NULL,
  `pvt_key` text DEFAULT NULL,
  `cert` text DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `certificates`
--

LOCK TABLES `certificates` WRITE;
/*!40000 ALTER TABLE `certificates` DISABLE KEYS */;
INSERT INTO `certificates` VALUES
(1,'default certificate','-----BEGIN CSR-----\nx','-----BEGIN SECRET KEY-----\nsecret','-----BEGIN CERT-----'),
(2,'Lets Encrypt alice.example',NULL,'secret',''),
(3,'Lets Encrypt alice.example',NULL,'secret','');
/*!40000 ALTER TABLE `certificates` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `cl_param`
--

DROP TABLE IF EXISTS `cl_param`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `cl_param` (
  `cl_id` int(10) unsigned NOT NULL,
  `param` varchar(255) NOT NULL,
  `val` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`cl_id`,`param`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `cl_param`
--

LOCK TABLES `cl_param` WRITE;
/*!40000 ALTER TABLE `cl_param` DISABLE KEYS */;
INSERT INTO `cl_param` VALUES
(4,'ext-sample-token','secret-token');
/*!40000 ALTER TABLE `cl_param` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `clients`
--

DROP TABLE IF EXISTS `clients`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `clients` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `parent_id` int(10) unsigned NOT NULL DEFAULT 0,
  `vendor_id` int(10) unsigned NOT NULL DEFAULT 0,
  `type` enum('admin','reseller','client') NOT NULL DEFAULT 'client',
  `cr_date` date DEFAULT NULL,
  `cname` varchar(255) NOT NULL DEFAULT '',
  `pname` varchar(255) NOT NULL DEFAULT '',
  `login` varchar(255) NOT NULL,
  `passwd` varchar(255) DEFAULT NULL,
  `account_id` int(10) unsigned NOT NULL DEFAULT 0,
  `email` varchar(255) DEFAULT NULL,
  `guid` varchar(36) NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  `status` bigint(20) unsigned NOT NULL DEFAULT 0,
  `external_id` varchar(255) DEFAULT NULL,
  `photo` blob DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `login` (`login`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `clients`
--

LOCK TABLES `clients` WRITE;
/*!40000 ALTER TABLE `clients` DISABLE KEYS */;
INSERT INTO `clients` VALUES
(1,0,1,'admin','2019-03-01','Hoster','Administrator','admin','secret-hash-of-admin',101,'admin@hoster.example','00000001-00c1-4a1b-9c2d-000000001eef',0,NULL,NULL),
(2,1,1,'reseller','2019-04-02','Nord IT','Nils O\'Hara','reseller-nord','secret-hash-of-reseller-nord',102,'nils@nord.example','00000002-00c1-4a1b-9c2d-000000003dde',0,NULL,NULL),
(3,1,1,'client','2020-01-15','','Alice','alice','secret-hash-of-alice',103,'alice@kunde.example','00000003-00c1-4a1b-9c2d-000000005ccd',0,NULL,NULL),
(4,2,2,'client','2020-02-20','Bob & Söhne','Bob','bob','secret-hash-of-bob',104,'bob@soehne.example','00000004-00c1-4a1b-9c2d-000000007bbc',0,NULL,0x00FF275C0A1A3B2D2D20),
(5,2,2,'client','2021-06-30','','Carol','carol','secret-hash-of-carol',105,'carol@web.example','00000005-00c1-4a1b-9c2d-000000009aab',0,NULL,NULL),
(6,1,1,'client','2022-09-09','Dora \\ Partner','Dora','dora','secret-hash-of-dora',106,'dora@partner.example','00000006-00c1-4a1b-9c2d-00000000b99a',0,NULL,NULL);
/*!40000 ALTER TABLE `clients` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `custom_buttons`
--

DROP TABLE IF EXISTS `custom_buttons`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `custom_buttons` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `level` int(10) unsigned NOT NULL DEFAULT 1,
  `level_id` int(10) unsigned NOT NULL DEFAULT 0,
  `place` varchar(255) NOT NULL,
  `text` varchar(255) NOT NULL,
  `url` varchar(255) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `custom_buttons`
--

LOCK TABLES `custom_buttons` WRITE;
/*!40000 ALTER TABLE `custom_buttons` DISABLE KEYS */;
INSERT INTO `custom_buttons` VALUES
(1,1,0,'navigation','Sample','/modules/sample/index.php');
/*!40000 ALTER TABLE `custom_buttons` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `data_bases`
--

DROP TABLE IF EXISTS `data_bases`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `data_bases` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(63) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin NOT NULL,
  `type` varchar(20) NOT NULL DEFAULT 'mysql',
  `dom_id` int(10) unsigned NOT NULL,
  `db_server_id` int(10) unsigned NOT NULL,
  `default_user_id` int(10) unsigned DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`,`db_server_id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `data_bases`
--

LOCK TABLES `data_bases` WRITE;
/*!40000 ALTER TABLE `data_bases` DISABLE KEYS */;
INSERT INTO `data_bases` VALUES
(1,'alice_shop','mysql',5,1,NULL),
(2,'bob_wp','mysql',7,1,NULL),
(3,'Bob_wp','mysql',7,1,NULL);
/*!40000 ALTER TABLE `data_bases` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `db_users`
--

DROP TABLE IF EXISTS `db_users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `db_users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(63) NOT NULL,
  `account_id` int(10) unsigned NOT NULL DEFAULT 0,
  `db_id` int(10) unsigned NOT NULL DEFAULT 0,
  `dom_id` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `db_users`
--

LOCK TABLES `db_users` WRITE;
/*!40000 ALTER TABLE `db_users` DISABLE KEYS */;
INSERT INTO `db_users` VALUES
(1,'alice_u',0,1,5),
(2,'bob_u',0,2,7),
(3,'carol_all',0,0,9);
/*!40000 ALTER TABLE `db_users` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `dns_recs`
--

DROP TABLE IF EXISTS `dns_recs`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `dns_recs` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `dns_zone_id` int(10) unsigned NOT NULL,
  `type` varchar(10) NOT NULL,
  `displayHost` varchar(255) DEFAULT NULL,
  `host` varchar(255) DEFAULT NULL,
  `displayVal` text DEFAULT NULL,
  `val` text DEFAULT NULL,
  `opt` varchar(255) DEFAULT NULL,
  `time_stamp` timestamp NOT NULL DEFAULT current_timestamp(),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=13 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `dns_recs`
--

LOCK TABLES `dns_recs` WRITE;
/*!40000 ALTER TABLE `dns_recs` DISABLE KEYS */;
INSERT INTO `dns_recs` VALUES
(1,205,'A',NULL,'alice.example.',NULL,'192.0.2.10','','2026-11-23 04:00:00'),
(2,205,'TXT',NULL,'alice.example.',NULL,'v=spf1 +a; include:\"x\" -all','','2026-11-23 04:00:00'),
(3,206,'A',NULL,'shop.alice.example.',NULL,'192.0.2.10','','2026-11-23 04:00:00'),
(4,206,'TXT',NULL,'shop.alice.example.',NULL,'v=spf1 +a; include:\"x\" -all','','2026-11-23 04:00:00'),
(5,207,'A',NULL,'bob.example.',NULL,'192.0.2.10','','2026-11-23 04:00:00'),
(6,207,'TXT',NULL,'bob.example.',NULL,'v=spf1 +a; include:\"x\" -all','','2026-11-23 04:00:00'),
(7,208,'A',NULL,'bob-blog.example.',NULL,'192.0.2.10','','2026-11-23 04:00:00'),
(8,208,'TXT',NULL,'bob-blog.example.',NULL,'v=spf1 +a; include:\"x\" -all','','2026-11-23 04:00:00'),
(9,209,'A',NULL,'carol.example.',NULL,'192.0.2.10','','2026-11-23 04:00:00'),
(10,209,'TXT',NULL,'carol.example.',NULL,'v=spf1 +a; include:\"x\" -all','','2026-11-23 04:00:00'),
(11,210,'A',NULL,'xn--bcher-kva.example.',NULL,'192.0.2.10','','2026-11-23 04:00:00'),
(12,210,'TXT',NULL,'xn--bcher-kva.example.',NULL,'v=spf1 +a; include:\"x\" -all','','2026-11-23 04:00:00');
/*!40000 ALTER TABLE `dns_recs` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `dns_recs_t`
--

DROP TABLE IF EXISTS `dns_recs_t`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `dns_recs_t` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `type` varchar(16) NOT NULL,
  `host` varchar(255) NOT NULL DEFAULT '',
  `val` text NOT NULL,
  `opt` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `dns_recs_t`
--

LOCK TABLES `dns_recs_t` WRITE;
/*!40000 ALTER TABLE `dns_recs_t` DISABLE KEYS */;
INSERT INTO `dns_recs_t` VALUES
(1,'NS','<domain>.','ns.<domain>.',''),
(2,'A','ftp.<domain>.','<ip>',''),
(3,'MX','<domain>.','mail.<domain>.','10');
/*!40000 ALTER TABLE `dns_recs_t` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `dns_zone`
--

DROP TABLE IF EXISTS `dns_zone`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `dns_zone` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `displayName` varchar(255) NOT NULL,
  `serial` varchar(12) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=219 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `dns_zone`
--

LOCK TABLES `dns_zone` WRITE;
/*!40000 ALTER TABLE `dns_zone` DISABLE KEYS */;
INSERT INTO `dns_zone` VALUES
(205,'alice.example','alice.example','2026010101'),
(206,'shop.alice.example','shop.alice.example','2026010101'),
(207,'bob.example','bob.example','2026010101'),
(208,'bob-blog.example','bob-blog.example','2026010101'),
(209,'carol.example','carol.example','2026010101'),
(210,'xn--bcher-kva.example','bücher.example','2026010101'),
(211,'dora.example','dora.example','2026010101'),
(212,'old-name.example','old-name.example','2026010101'),
(213,'gone.example','gone.example','2026010101'),
(214,'again.example','again.example','2026010101'),
(215,'clone-a.example','clone-a.example','2026010101'),
(216,'clone-b.example','clone-b.example','2026010101'),
(217,'no-guid.example','no-guid.example','2026010101'),
(218,'nord.example','nord.example','2026010101');
/*!40000 ALTER TABLE `dns_zone` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `dom_param`
--

DROP TABLE IF EXISTS `dom_param`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `dom_param` (
  `dom_id` int(10) unsigned NOT NULL,
  `param` varchar(255) NOT NULL,
  `val` varchar(5000) DEFAULT NULL,
  PRIMARY KEY (`dom_id`,`param`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `dom_param`
--

LOCK TABLES `dom_param` WRITE;
/*!40000 ALTER TABLE `dom_param` DISABLE KEYS */;
INSERT INTO `dom_param` VALUES
(5,'ext-sample-parent','5');
/*!40000 ALTER TABLE `dom_param` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `domain_aliases`
--

DROP TABLE IF EXISTS `domain_aliases`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `domain_aliases` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `status` int(10) unsigned NOT NULL DEFAULT 0,
  `dom_id` int(10) unsigned NOT NULL,
  `name` varchar(255) NOT NULL,
  `displayName` varchar(255) NOT NULL,
  `dns_zone_id` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `domain_aliases`
--

LOCK TABLES `domain_aliases` WRITE;
/*!40000 ALTER TABLE `domain_aliases` DISABLE KEYS */;
INSERT INTO `domain_aliases` VALUES
(1,0,5,'alice-alias.example','alice-alias.example',0),
(2,0,7,'bob-alias.example','bob-alias.example',0),
(3,0,10,'b-alias.example','b-alias.example',0);
/*!40000 ALTER TABLE `domain_aliases` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `domains`
--

DROP TABLE IF EXISTS `domains`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `domains` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `cr_date` date DEFAULT NULL,
  `name` varchar(255) NOT NULL COMMENT 'ASCII; it''s the (real) name, not the shown one',
  `displayName` varchar(255) NOT NULL,
  `dns_zone_id` int(10) unsigned NOT NULL DEFAULT 0,
  `status` bigint(20) unsigned NOT NULL DEFAULT 0,
  `htype` enum('none','vrt_hst','std_fwd','frm_fwd') NOT NULL DEFAULT 'none',
  `real_size` bigint(20) unsigned DEFAULT 0,
  `cl_id` int(10) unsigned NOT NULL DEFAULT 0,
  `vendor_id` int(10) unsigned NOT NULL DEFAULT 0,
  `webspace_id` int(10) unsigned NOT NULL DEFAULT 0,
  `parentDomainId` int(10) unsigned NOT NULL DEFAULT 0,
  `guid` varchar(36) NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  `external_id` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `name` (`name`),
  KEY `cl_id` (`cl_id`),
  KEY `shown` (`displayName`(20))
) ENGINE=InnoDB AUTO_INCREMENT=19 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `domains`
--

LOCK TABLES `domains` WRITE;
/*!40000 ALTER TABLE `domains` DISABLE KEYS */;
INSERT INTO `domains` VALUES
(5,'2020-01-15','alice.example','alice.example',205,0,'vrt_hst',5242880,3,1,0,0,'00000005-00d0-4a1b-9c2d-000000009aab',''),
(6,'2020-01-16','shop.alice.example','shop.alice.example',206,0,'vrt_hst',6291456,3,1,5,5,'00000006-00d0-4a1b-9c2d-00000000b99a',''),
(7,'2020-02-20','bob.example','bob.example',207,0,'vrt_hst',7340032,4,1,0,0,'00000007-00d0-4a1b-9c2d-00000000d889',''),
(8,'2020-02-21','bob-blog.example','bob-blog.example',208,0,'vrt_hst',8388608,4,1,7,0,'00000008-00d0-4a1b-9c2d-00000000f778',''),
(9,'2021-06-30','carol.example','carol.example',209,0,'vrt_hst',9437184,5,1,0,0,'00000009-00d0-4a1b-9c2d-000000011667',''),
(10,'2021-07-01','xn--bcher-kva.example','bücher.example',210,0,'vrt_hst',10485760,5,1,9,0,'0000000a-00d0-4a1b-9c2d-000000013556',''),
(11,'2022-09-09','dora.example','dora.example',211,0,'vrt_hst',11534336,6,1,0,0,'0000000b-00d0-4a1b-9c2d-000000015445',''),
(12,'2022-10-01','old-name.example','old-name.example',212,0,'vrt_hst',12582912,6,1,0,0,'0000000c-00d0-4a1b-9c2d-000000017334',''),
(13,'2022-10-02','gone.example','gone.example',213,0,'vrt_hst',13631488,6,1,0,0,'0000000d-00d0-4a1b-9c2d-000000019223',''),
(14,'2022-10-03','again.example','again.example',214,0,'vrt_hst',14680064,3,1,0,0,'0000000e-00d0-4a1b-9c2d-00000001b112',''),
(15,'2023-01-01','clone-a.example','clone-a.example',215,0,'vrt_hst',15728640,4,1,0,0,'0000000f-00d0-4a1b-9c2d-00000001d001',''),
(16,'2023-01-02','clone-b.example','clone-b.example',216,0,'vrt_hst',16777216,4,1,0,0,'0000000f-00d0-4a1b-9c2d-00000001d001',''),
(17,'2023-03-03','no-guid.example','no-guid.example',217,0,'vrt_hst',17825792,5,1,0,0,'00000000-0000-0000-0000-000000000000',''),
(18,'2019-04-02','nord.example','nord.example',218,0,'vrt_hst',18874368,2,1,0,0,'00000012-00d0-4a1b-9c2d-000000022cce','');
/*!40000 ALTER TABLE `domains` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET @saved_cs_client      = @@character_set_client */ ;
/*!50003 SET @saved_cs_results     = @@character_set_results */ ;
/*!50003 SET @saved_col_connection = @@collation_connection */ ;
/*!50003 SET character_set_client  = utf8mb4 */ ;
/*!50003 SET character_set_results = utf8mb4 */ ;
/*!50003 SET collation_connection  = utf8mb4_general_ci */ ;
/*!50003 SET @saved_sql_mode       = @@sql_mode */ ;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `domains_after_delete` AFTER DELETE ON `domains` FOR EACH ROW
BEGIN
  
  DELETE FROM `dom_param` WHERE `dom_id` = OLD.`id`;
END 
*/;;
DELIMITER ;
/*!50003 SET sql_mode              = @saved_sql_mode */ ;
/*!50003 SET character_set_client  = @saved_cs_client */ ;
/*!50003 SET character_set_results = @saved_cs_results */ ;
/*!50003 SET collation_connection  = @saved_col_connection */ ;

--
-- Temporary table structure for view `domains_of_clients`
--

DROP TABLE IF EXISTS `domains_of_clients`;
/*!50001 DROP VIEW IF EXISTS `domains_of_clients`*/;
SET @saved_cs_client     = @@character_set_client;
SET character_set_client = utf8mb4;
/*!50001 CREATE VIEW `domains_of_clients` AS SELECT
 NULL AS `login`,
 NULL AS `name` */;
SET character_set_client = @saved_cs_client;

--
-- Table structure for table `ftp_users`
--

DROP TABLE IF EXISTS `ftp_users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `ftp_users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int(10) unsigned NOT NULL,
  `sys_user_id` int(10) unsigned NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `ftp_users`
--

LOCK TABLES `ftp_users` WRITE;
/*!40000 ALTER TABLE `ftp_users` DISABLE KEYS */;
INSERT INTO `ftp_users` VALUES
(1,5,3);
/*!40000 ALTER TABLE `ftp_users` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `hosting`
--

DROP TABLE IF EXISTS `hosting`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `hosting` (
  `dom_id` int(10) unsigned NOT NULL,
  `sys_user_id` int(10) unsigned NOT NULL,
  `www_root` varchar(255) NOT NULL DEFAULT '',
  `certificate_id` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`dom_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `hosting`
--

LOCK TABLES `hosting` WRITE;
/*!40000 ALTER TABLE `hosting` DISABLE KEYS */;
INSERT INTO `hosting` VALUES
(5,1,'/var/www/vhosts/alice.example/httpdocs',0),
(7,2,'/var/www/vhosts/bob.example/httpdocs',0),
(9,3,'/var/www/vhosts/carol.example/httpdocs',0);
/*!40000 ALTER TABLE `hosting` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `mail`
--

DROP TABLE IF EXISTS `mail`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `mail` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `mail_name` varchar(245) NOT NULL,
  `perm_id` int(10) unsigned NOT NULL DEFAULT 0,
  `dom_id` int(10) unsigned NOT NULL,
  `account_id` int(10) unsigned NOT NULL DEFAULT 0,
  `userId` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `address` (`dom_id`,`mail_name`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `mail`
--

LOCK TABLES `mail` WRITE;
/*!40000 ALTER TABLE `mail` DISABLE KEYS */;
INSERT INTO `mail` VALUES
(1,'info',0,5,301,0),
(2,'info',0,7,302,0),
(3,'alice',0,5,303,0),
(4,'o\'neil',0,9,304,0),
(5,'info',0,14,305,0),
(6,'info',0,12,306,0);
/*!40000 ALTER TABLE `mail` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `mail_aliases`
--

DROP TABLE IF EXISTS `mail_aliases`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `mail_aliases` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `mn_id` int(10) unsigned NOT NULL,
  `alias` varchar(245) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `alias` (`mn_id`,`alias`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `mail_aliases`
--

LOCK TABLES `mail_aliases` WRITE;
/*!40000 ALTER TABLE `mail_aliases` DISABLE KEYS */;
INSERT INTO `mail_aliases` VALUES
(1,1,'contact'),
(2,2,'contact');
/*!40000 ALTER TABLE `mail_aliases` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `mail_redir`
--

DROP TABLE IF EXISTS `mail_redir`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `mail_redir` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `mn_id` int(10) unsigned NOT NULL,
  `address` varchar(255) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `address` (`mn_id`,`address`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `mail_redir`
--

LOCK TABLES `mail_redir` WRITE;
/*!40000 ALTER TABLE `mail_redir` DISABLE KEYS */;
INSERT INTO `mail_redir` VALUES
(1,1,'alice@elsewhere.example');
/*!40000 ALTER TABLE `mail_redir` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `pd_users`
--

DROP TABLE IF EXISTS `pd_users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `pd_users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(255) NOT NULL,
  `account_id` int(10) unsigned NOT NULL DEFAULT 0,
  `pd_id` int(10) unsigned NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `login` (`pd_id`,`login`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `pd_users`
--

LOCK TABLES `pd_users` WRITE;
/*!40000 ALTER TABLE `pd_users` DISABLE KEYS */;
INSERT INTO `pd_users` VALUES
(1,'guest',107,1);
/*!40000 ALTER TABLE `pd_users` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `protected_dirs`
--

DROP TABLE IF EXISTS `protected_dirs`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `protected_dirs` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `path` varchar(255) NOT NULL,
  `realm` varchar(255) DEFAULT NULL,
  `dom_id` int(10) unsigned NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `protected_dirs`
--

LOCK TABLES `protected_dirs` WRITE;
/*!40000 ALTER TABLE `protected_dirs` DISABLE KEYS */;
INSERT INTO `protected_dirs` VALUES
(1,'private','Keep out; it\'s private',5);
/*!40000 ALTER TABLE `protected_dirs` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `smb_roles`
--

DROP TABLE IF EXISTS `smb_roles`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `smb_roles` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(255) NOT NULL,
  `ownerId` int(10) unsigned NOT NULL,
  `isBuiltIn` tinyint(4) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `smb_roles`
--

LOCK TABLES `smb_roles` WRITE;
/*!40000 ALTER TABLE `smb_roles` DISABLE KEYS */;
INSERT INTO `smb_roles` VALUES
(1,'Admin',1,1),
(2,'Webmaster',3,0),
(3,'Webmaster',4,0);
/*!40000 ALTER TABLE `smb_roles` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `smb_users`
--

DROP TABLE IF EXISTS `smb_users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `smb_users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(255) NOT NULL,
  `password` text DEFAULT NULL,
  `uuid` varchar(36) NOT NULL,
  `roleId` int(10) unsigned NOT NULL DEFAULT 0,
  `email` varchar(255) DEFAULT NULL,
  `contactName` varchar(255) DEFAULT NULL,
  `creationDate` datetime DEFAULT NULL,
  `isBuiltIn` tinyint(4) NOT NULL DEFAULT 0,
  `ownerId` int(10) unsigned NOT NULL DEFAULT 0,
  `subscriptionDomainId` int(10) unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `login` (`login`)
) ENGINE=InnoDB AUTO_INCREMENT=6 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `smb_users`
--

LOCK TABLES `smb_users` WRITE;
/*!40000 ALTER TABLE `smb_users` DISABLE KEYS */;
INSERT INTO `smb_users` VALUES
(1,'admin','$6$secret$admin','00000001-00e0-4a1b-9c2d-000000001eef',1,'admin@mail.example','Admin','2022-01-01 10:00:00',0,1,0),
(2,'alice','$6$secret$alice','00000002-00e0-4a1b-9c2d-000000003dde',1,'alice@mail.example','Alice','2022-01-02 10:00:00',0,3,0),
(3,'bob','$6$secret$bob','00000003-00e0-4a1b-9c2d-000000005ccd',1,'bob@mail.example','Bob','2022-01-03 10:00:00',0,4,0),
(4,'alice-webmaster','$6$secret$alice-webmaster','00000004-00e0-4a1b-9c2d-000000007bbc',1,'alice-webmaster@mail.example','Alice-Webmaster','2022-01-04 10:00:00',0,3,5),
(5,'info@bob.example','$6$secret$info@bob.example','00000005-00e0-4a1b-9c2d-000000009aab',1,'info@mail.example','Info@Bob.Example','2022-01-05 10:00:00',0,4,7);
/*!40000 ALTER TABLE `smb_users` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `sys_users`
--

DROP TABLE IF EXISTS `sys_users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sys_users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `login` varchar(32) NOT NULL,
  `account_id` int(10) unsigned NOT NULL DEFAULT 0,
  `home` varchar(255) NOT NULL DEFAULT '',
  `shell` varchar(255) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  UNIQUE KEY `login` (`login`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `sys_users`
--

LOCK TABLES `sys_users` WRITE;
/*!40000 ALTER TABLE `sys_users` DISABLE KEYS */;
INSERT INTO `sys_users` VALUES
(1,'alice_ftp',0,'/var/www/vhosts/alice.example','/bin/false'),
(2,'bob_ftp',0,'/var/www/vhosts/bob.example','/bin/false'),
(3,'carol_ftp',0,'/var/www/vhosts/carol.example','/bin/false');
/*!40000 ALTER TABLE `sys_users` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Table structure for table `web_users`
--

DROP TABLE IF EXISTS `web_users`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `web_users` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `dom_id` int(10) unsigned NOT NULL,
  `sys_user_id` int(10) unsigned NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

--
-- Dumping data for table `web_users`
--

LOCK TABLES `web_users` WRITE;
/*!40000 ALTER TABLE `web_users` DISABLE KEYS */;
INSERT INTO `web_users` VALUES
(1,7,2);
/*!40000 ALTER TABLE `web_users` ENABLE KEYS */;
UNLOCK TABLES;

--
-- Final view structure for view `domains_of_clients`
--

/*!50001 DROP VIEW IF EXISTS `domains_of_clients`*/;
/*!50001 SET @saved_cs_client          = @@character_set_client */;
/*!50001 SET @saved_cs_results         = @@character_set_results */;
/*!50001 SET @saved_col_connection     = @@collation_connection */;
/*!50001 SET character_set_client      = utf8mb4 */;
/*!50001 SET character_set_results     = utf8mb4 */;
/*!50001 SET collation_connection      = utf8mb4_general_ci */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `domains_of_clients` AS select `c`.`login` AS `login`,`d`.`name` AS `name` from (`clients` `c` join `domains` `d` on(`d`.`cl_id` = `c`.`id`)) */;
/*!50001 SET character_set_client      = @saved_cs_client */;
/*!50001 SET character_set_results     = @saved_cs_results */;
/*!50001 SET collation_connection      = @saved_col_connection */;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

-- Dump completed on 2026-11-23 04:10:00
