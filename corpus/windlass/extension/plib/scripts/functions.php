<?php

function windlass_load($name)
{
    return json_decode(file_get_contents(pm_Context::getVarDir() . $name), true) ?: [];
}

function windlass_save($name, array $data)
{
    file_put_contents(pm_Context::getVarDir() . $name, json_encode($data));
}

function windlass_update($name, callable $change)
{
    $data = windlass_load($name);
    windlass_save($name, $change($data));
}

$tokens = windlass_load('tokens.json');
windlass_update('hauls.json', function ($all) {
    $all['last'] = time();
    return $all;
});
$domain = pm_Domain::getByDomainId($tokens[$argv[1]]);
echo $domain->getName(), windlass_load('ropes.json')[$argv[2]];
