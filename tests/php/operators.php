<?php
$a = !f() && g() || h() xor i() and j() or k();
$b = -l() ** m() % n() . o() . p() + q() << r() & ~s() | t() ^ u();
$c = v() <=> w() ?: x() ?? y() ?? z();
$d = (int) aa() . (string) ab() . (array) ac() . (object) ad() . (bool) ae() . (float) af();
$e = @ag() instanceof Foo ? ah() : (ai() ? aj() : ak());
$f += al(); $f .= am(); $f ??= an(); $f = &ao(); $f <<= ap(); $g = $h = $i = aq();
print ar(); echo as_(), at(); exit(au()); 
include av(); require_once __DIR__ . aw(); $o = clone ax(); eval(ay());
isset($a[az()], $b->{ba()}); unset($a[bb()]); empty(bc()); $$x[bd()]; ${'a' . be()} = 1;
