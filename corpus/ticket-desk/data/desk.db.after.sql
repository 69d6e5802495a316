-- What `fix` must leave in desk.db, with the ids of panel/after.dump.sql.
INSERT INTO "messages" VALUES(1,1,2,'Since Monday.',1764633600);
INSERT INTO "messages" VALUES(2,1,6,'Mine too; 5 of 7 requests.',1764640000);
INSERT INTO "messages" VALUES(3,2,6,'Which VAT number?',1764720000);
INSERT INTO "messages" VALUES(4,3,3,'See attachment',1764806400);
INSERT INTO "messages" VALUES(5,5,1,'You are welcome',1764979200);
INSERT INTO "ratings" VALUES(1,5);
INSERT INTO "ratings" VALUES(3,2);
INSERT INTO "sqlite_sequence" VALUES('messages',5);
INSERT INTO "sqlite_sequence" VALUES('tickets',5);
INSERT INTO "tickets" VALUES(1,'The shop is slow',2,7,1764633600);
INSERT INTO "tickets" VALUES(2,'Invoice',6,0,1764720000);
INSERT INTO "tickets" VALUES(3,'Mail bounces',3,5,1764806400);
INSERT INTO "tickets" VALUES(5,'Thanks',NULL,13,1764979200);
