INSERT INTO `Modules` VALUES
(8,'site-notes','Site Notes','1.0');
INSERT INTO `ModuleSettings` VALUES
(8,'alarm-5','alice@mail.example'),
(8,'alarm-7','bob@mail.example'),
(8,'lastAlarm','{"domainId":5,"why":"7 minutes without an answer"}');
