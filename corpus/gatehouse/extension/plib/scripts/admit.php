<?php
pm_Context::init('gatehouse');

if ($argc < 3) {
    exit("admit.php SITE WORD\n");
}
$id = (int)$argv[1];
$domain = pm_Domain::getByDomainId($id);
file_put_contents(pm_Context::getVarDir() . '/admitted.json', json_encode(['site' => $id, 'word' => $argv[2]]));
