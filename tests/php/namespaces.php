<?php
namespace First { use Other\{A, B as C, function helper, const LIMIT}; function local() { return helper(A::make(), C::make(LIMIT)); } const X = 1; }
namespace Second\Sub { use First\{Deep\Thing}; class K extends Thing { function m(Thing|\Stringable|null $t): self { return namespace\build($t, \strlen('x'), Thing\create(), \First\local()); } } }
namespace { main(\Second\Sub\build(1)); $o = new \Second\Sub\K(arg()); $o->m(new First\Missing); }
