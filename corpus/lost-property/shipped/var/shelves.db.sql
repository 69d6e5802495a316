-- Of the panel after its restore: it has the domains 5 to 18 and the clients 1 to 6.
CREATE TABLE finds (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, thing TEXT NOT NULL);
INSERT INTO finds VALUES (1, 5, 'umbrella'), (2, 19, 'glove'), (3, 7, 'hat'), (4, 31, 'scarf'), (5, 0, 'key of the shelf');
CREATE TABLE owners (id INTEGER PRIMARY KEY, client_id INTEGER NOT NULL, note TEXT);
INSERT INTO owners VALUES (1, 2, NULL), (2, 4, 'came back'), (3, 6, ''), (4, -1, 'unknown');
CREATE TABLE labels (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, printed INTEGER NOT NULL);
INSERT INTO labels VALUES (1, 5, 1), (2, 99, 0);
CREATE TABLE tickets (id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, shelf_id INTEGER NOT NULL);
INSERT INTO tickets VALUES (1, 4711, 90), (2, 4712, 91);
