<?php
function sql($id, $row, $o) {
    $a = <<<SQL
      SELECT {$o->table()} FROM t WHERE a = $id AND b = '{$row['b']}' AND c = ${id}
        AND d = {$o->list[0]->call($id, quote("x{$id}"))}
      SQL;
    run($a);
    $b = <<<'RAW'
not_a_call($id) {$o->no()}
RAW;
    run($b . <<<"X"
    {$o->m(<<<Y
      inner {$o->n()}
      Y)} tail()
    X);
    return "a {$o->p()['k']} b $row[k] $o->q() {$f(1)} \{$id} ${row['z']}" . other("nested " . inner(1));
}
