-- What `fix` must leave in keys.db, with the ids of panel/after.dump.sql.
INSERT INTO "changes" VALUES('SHA256:aaa','3','2025-10-01 08:00:00');
INSERT INTO "grants" VALUES('SHA256:aaa',5,1798761600);
INSERT INTO "grants" VALUES('SHA256:aaa',7,NULL);
INSERT INTO "grants" VALUES('SHA256:bbb',5,NULL);
INSERT INTO "grants" VALUES('SHA256:bbb',7,1798761601);
INSERT INTO "grants" VALUES('SHA256:ddd',13,NULL);
INSERT INTO "grants" VALUES('SHA256:ddd',9,7);
INSERT INTO "keys" VALUES('SHA256:aaa',2,'laptop','ssh-ed25519 AAAA1');
INSERT INTO "keys" VALUES('SHA256:bbb',6,NULL,'ssh-ed25519 AAAA2');
INSERT INTO "keys" VALUES('SHA256:ccc',6,'office','ssh-rsa AAAA3');
INSERT INTO "keys" VALUES('SHA256:ddd',3,'5','ssh-ed25519 AAAA4');
