-- What `fix` must leave in catalog.db, with the ids of panel/after.dump.sql.
INSERT INTO "domains" VALUES(10,13,NULL);
INSERT INTO "domains" VALUES(5,5,'2025-11-02 03:00:00');
INSERT INTO "domains" VALUES(7,7,'2025-11-02 03:01:00');
INSERT INTO "domains" VALUES(8,10,'2025-11-02 03:03:00');
INSERT INTO "domains" VALUES(9,9,NULL);
INSERT INTO "installations" VALUES(1,5,'/httpdocs','0b14d501a594442a01c6859541bcb3e8','grav','1.7.48');
INSERT INTO "installations" VALUES(2,5,'/httpdocs/shop','1f3870be274f6c49b3e31a0c6728957f','typo3',NULL);
INSERT INTO "installations" VALUES(3,7,'/httpdocs','72b302bf297a228a75730123efef7c41','typo3','12.4.2');
INSERT INTO "installations" VALUES(4,8,'/site','fe01d67a002dfa0f3ac084298142eccd','grav','1.7.1');
INSERT INTO "plugins" VALUES(1,1,'admin','1.10');
INSERT INTO "plugins" VALUES(2,2,'news','11.4');
INSERT INTO "plugins" VALUES(3,4,'form',NULL);
INSERT INTO "sqlite_sequence" VALUES('domains',10);
INSERT INTO "sqlite_sequence" VALUES('installations',4);
INSERT INTO "sqlite_sequence" VALUES('plugins',3);
