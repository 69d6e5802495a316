<?php
$map = ['a' => one(), two() => 'b', ...three(), [four(), [five()]], 'n' => ['m' => six()->seven]];
[$a, [, $b], 'k' => $c] = eight();
['x' => $x, 'y' => [$y]] = nine($map['q'][ten()]);
foreach (eleven() as ['id' => $id, 'name' => $name]) { $map[(string)$id][] = twelve($name); }
$queries = array(
    'CREATE TABLE a (id INTEGER)',
    "CREATE TABLE b (a_id INTEGER, v TEXT)" . thirteen(),
);
foreach ($queries as $query) $db->query($query);
list('a' => $one, 'b' => list(, $two)) = fourteen()[0];
$map['f'](fifteen()); $map['g']['h']->call(sixteen())[0](1); array_push($map['l'], ...seventeen(...$map));
