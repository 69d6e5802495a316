-- What `fix` must leave in ledger.sqlite3, with the ids of panel/after.dump.sql.
INSERT INTO "invoices" VALUES(1,'Weaver & Sons',12.5,2);
INSERT INTO "invoices" VALUES(2,'O''Hara',40.0,6);
INSERT INTO "invoices" VALUES(3,'Weaver & Sons',3.0,2);
INSERT INTO "invoices" VALUES(4,'paid in cash',7.0,NULL);
INSERT INTO "invoices" VALUES(5,'Ångström',5.0,3);
INSERT INTO "usage" VALUES(10,'2025-12-01',4096,1,0);
INSERT INTO "usage" VALUES(5,'2025-11-30',52428800,904,NULL);
INSERT INTO "usage" VALUES(5,'2025-12-01',52428801,905,4);
INSERT INTO "usage" VALUES(7,'2025-11-30',1048576,12,NULL);
INSERT INTO "usage" VALUES(7,'2025-12-01',1048580,13,2);
INSERT INTO "usage" VALUES(9,'2025-12-01',5,7,2);
