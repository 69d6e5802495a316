<?php
# hash call()
// line call() ?> html call() <?php
/* block call() */ real_one(/* inner */ 1, // trailing
    2 # more
);
/**
 * Doc with call().
 * @return int
 */
function documented() { return /* here */ real_two /* between */ (3); }
$x /* a */ -> /* b */ method /* c */ (4); Foo /* d */ :: /* e */ bar (5);
$s = 'str call()'; $t = "str call() \" call()"; $u = `cmd call() {$v->real_three()}`;
#[Attribute(Attribute::TARGET_CLASS)]
#[Other, More(name: 'call()')]
class Marked { #[Pure] public function go(#[Sensitive] $x) { return real_four($x); } }
