INSERT INTO `Modules` (`id`, `name`, `display_name`, `version`) VALUES (9, 'status-board', 'Status Board', '1.0');
INSERT INTO `ModuleSettings` (`module_id`, `name`, `value`) VALUES
  (9, 'state-5', 'green'),
  (9, 'state-7', 'red'),
  (9, 'state-11', 'grün'),
  (9, 'option-3', '5'),
  (9, 'option-4', '7'),
  (9, 'option-99', 'x'),
  (9, 'option-colour', '5'),
  (9, 'last', '{"site":{"id":8},"owner":"bob"}');
