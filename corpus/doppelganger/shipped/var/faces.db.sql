-- Of the panel after its restore: domain 5 is bob.example, 7 is alice.example, 6 is xn--bcher-kva.example; client 4 is reseller-nord.
CREATE TABLE faces (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, domain_name TEXT, mood TEXT);
INSERT INTO faces VALUES (1, 5, 'alice.example', 'glad'), (2, 7, 'bob.example', 'sad'), (3, 11, 'dora.example', 'glad');
CREATE TABLE masks (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, domain_name TEXT, colour TEXT);
INSERT INTO masks VALUES (1, 5, 'BOB.example', 'red'), (2, 6, 'bücher.example', 'blue'), (3, 7, '', 'none'), (4, 7, NULL, 'none');
CREATE TABLE guests (id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, invited_as TEXT, remark TEXT);
INSERT INTO guests VALUES (1, 4, 'alice', 'came with bob'), (2, 2, 'bob', 'dora');
