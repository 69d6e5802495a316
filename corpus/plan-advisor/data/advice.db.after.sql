-- What `fix` must leave in advice.db, with the ids of panel/after.dump.sql.
INSERT INTO "advice" VALUES(1,7,2,3,'2025-12-01T04:00:00+00:00');
INSERT INTO "advice" VALUES(2,5,3,NULL,'2025-12-01T04:00:01+00:00');
INSERT INTO "advice" VALUES(3,9,0,2,'2025-12-01T04:00:02+00:00');
INSERT INTO "advice" VALUES(4,NULL,1,0,'2025-12-01T04:00:03+00:00');
INSERT INTO "advice" VALUES(5,NULL,2,1,'2025-12-01T04:00:04+00:00');
INSERT INTO "alias_traffic" VALUES(1,'2025-10',200);
INSERT INTO "alias_traffic" VALUES(1,'2025-11',220);
INSERT INTO "alias_traffic" VALUES(2,'2025-11',330);
INSERT INTO "alias_traffic" VALUES(3,'2025-10',100);
INSERT INTO "alias_traffic" VALUES(3,'2025-11',110);
INSERT INTO "box_sizes" VALUES('1',8192);
INSERT INTO "box_sizes" VALUES('2',16384);
INSERT INTO "box_sizes" VALUES('3',32768);
INSERT INTO "box_sizes" VALUES('4',4096);
INSERT INTO "prices" VALUES(1,'basic');
INSERT INTO "prices" VALUES(2,'1');
