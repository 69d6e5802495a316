-- What `fix` must leave in notes.sqlite3, with the ids of panel/after.dump.sql.
INSERT INTO "notes" VALUES(11,'mail goes to the accountant');
INSERT INTO "notes" VALUES(5,'relaunch on 1 May, keep it secret');
INSERT INTO "notes" VALUES(7,'pays by invoice, never lock this site');
INSERT INTO "phones" VALUES(1,4,'+49 30 1234-1');
INSERT INTO "phones" VALUES(2,6,'+49 40 5678-9');
INSERT INTO "phones" VALUES(3,2,'+49 89 4321-0');
INSERT INTO "reminders" VALUES(1,'{"domainId":7,"what":"renew the certificate, 7 days before"}');
INSERT INTO "reminders" VALUES(2,'{"domainId":11,"what":"call back"}');
INSERT INTO "sqlite_sequence" VALUES('phones',3);
INSERT INTO "sqlite_sequence" VALUES('reminders',2);
