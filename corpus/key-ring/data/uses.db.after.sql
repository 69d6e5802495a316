-- What `fix` must leave in uses.db, with the ids of panel/after.dump.sql.
INSERT INTO "uses" VALUES(1,'SHA256:aaa',2,'Ada Weaver','192.0.2.5',1764547200);
INSERT INTO "uses" VALUES(2,'SHA256:bbb',6,'3','192.0.2.7',1764547260);
INSERT INTO "uses" VALUES(3,'SHA256:eee',1,'Administrator',NULL,1764547320);
INSERT INTO "uses" VALUES(4,'SHA256:ddd',3,'Chi Ohm','2001:db8::5',1764547380);
INSERT INTO "uses" VALUES(5,'SHA256:aaa',2,'Ada Weaver',NULL,1764547440);
