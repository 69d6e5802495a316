-- What `fix` must leave in certificates.db, with the ids of panel/after.dump.sql.
INSERT INTO "certificates" VALUES(10,'carol.example','d4c3','Own Root',1772323200,1764547203);
INSERT INTO "certificates" VALUES(5,'bob.example','b2e1','Letters Trust',1767312000,1764547201);
INSERT INTO "certificates" VALUES(6,'xn--bcher-kva.example','e5b4','Letters Trust',1774915200,1764547204);
INSERT INTO "certificates" VALUES(7,'alice.example','a1f0','Letters Trust',1767225600,1764547200);
INSERT INTO "certificates" VALUES(9,'bob-blog.example','c3d2',NULL,1769904000,1764547202);
INSERT INTO "reminders" VALUES(1,7,14,1766016000,'owner-1@mail.example');
INSERT INTO "reminders" VALUES(2,7,7,1766620800,'owner-1@mail.example');
INSERT INTO "reminders" VALUES(4,9,5,1769472000,NULL);
INSERT INTO "reminders" VALUES(5,5,5,1766966400,'owner-2@mail.example');
INSERT INTO "sqlite_sequence" VALUES('reminders',5);
