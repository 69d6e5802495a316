-- Ids inside values: JSON, PHP-serialized text, one in the other, base64, lists, texts with holes; keys that change places.
CREATE TABLE jobs (
    id      INTEGER PRIMARY KEY,
    payload TEXT NOT NULL
);
CREATE TABLE prefs (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE tokens (
    id    INTEGER PRIMARY KEY,
    token TEXT NOT NULL
);
CREATE TABLE crews (
    crew  TEXT PRIMARY KEY,
    sites TEXT NOT NULL
);
CREATE TABLE links (
    title TEXT PRIMARY KEY,
    url   TEXT NOT NULL
);
INSERT INTO jobs VALUES (1, '{"domainId":5,"owner":{"id":"3"},"port":5}');
INSERT INTO jobs VALUES (2, '{ "port": 7.0, "domainId" : "7", "owner": {"id": 4, "id": 5} }');
INSERT INTO jobs VALUES (3, '{"domainId":11,"owner":null,"big":123456789012345678901234567890,"note":"caf\u00e9 \/ 5"}');
INSERT INTO jobs VALUES (4, '{"job":"{\"domainId\":6,\"port\":6}"}');
INSERT INTO jobs VALUES (5, '{"job":"a:2:{s:8:\"domainId\";s:1:\"9\";s:4:\"port\";i:9;}"}');
INSERT INTO jobs VALUES (6, '[]');
INSERT INTO prefs VALUES ('status-5', 'a:4:{s:4:"site";i:5;s:4:"seen";a:3:{i:2;b:1;i:3;b:0;i:6;b:1;}s:5:"ratio";d:0.7142857142857143;s:4:"name";s:5:"né 5";}');
INSERT INTO prefs VALUES ('status-7', 'a:4:{s:4:"site";i:7;s:4:"seen";a:3:{i:2;b:1;i:3;b:0;i:6;b:1;}s:5:"ratio";i:1;s:4:"name";s:5:"né 7";}');
INSERT INTO prefs VALUES ('status-9', 'a:4:{s:4:"site";i:9;s:4:"seen";a:3:{i:2;b:1;i:3;b:0;i:6;b:1;}s:5:"ratio";d:1.2857142857142858;s:4:"name";s:5:"né 9";}');
INSERT INTO prefs VALUES ('status-11', 'a:4:{s:4:"site";i:11;s:4:"seen";a:3:{i:2;b:1;i:3;b:0;i:6;b:1;}s:5:"ratio";d:1.5714285714285714;s:4:"name";s:6:"né 11";}');
INSERT INTO prefs VALUES ('status-x', 'a:0:{}');
INSERT INTO prefs VALUES ('theme-5', 'a:1:{s:4:"site";s:1:"6";}');
INSERT INTO tokens VALUES (1, 'eyJzaXRlIjo5LCJhdCI6MTc2NDEzMDIwMH0=');
INSERT INTO tokens VALUES (2, 'eyJzaXRlIjoxMSwiYXQiOjl9');
INSERT INTO tokens VALUES (3, 'YToxOntzOjQ6InNpdGUiO3M6MToiOSI7fQ');
INSERT INTO crews VALUES ('north', '5,6;7');
INSERT INTO crews VALUES ('south', ' 8 , ,9,');
INSERT INTO crews VALUES ('west', '10');
INSERT INTO crews VALUES ('none', '');
INSERT INTO links VALUES ('a', '/smb/web/overview/id/5?client_id=3');
INSERT INTO links VALUES ('b', 'https://panel.example:8443/smb/web/overview/id/10/type/domain');
INSERT INTO links VALUES ('c', 'https://x.example/?sub_client_id=3');
INSERT INTO links VALUES ('d', '?client_id=5&client_id=6');
