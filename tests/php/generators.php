<?php
function gen() { $x = yield start(); yield key() => value(); yield from inner(1); $y = (yield) ?? fallback(); return last($x, $y); }
function &byRef(array &$a) { static $n = 0, $m; foreach ($a as $k => &$v) { yield $k => $v; } finally_(); }
try { foreach (gen() as $g) handle($g); } catch (A | B $e) { report($e->getPrevious()?->getMessage()); } catch (\Throwable) { abort(); } finally { cleanup(); }
function never(): never { throw new Exception(reason()); }
$v = $w ?? throw new LogicException(why());
class G implements IteratorAggregate { function getIterator(): Iterator { yield from $this->items()->all(); } }
