<?php
trait Wraps { abstract function id(); public function wrap($k, $v) { \pm_Settings::set($k . $this->id(), $v); } public static function boot() { return static::make()->run(); } }
interface Shape extends Countable, ArrayAccess { const SIDES = 4; public function area(float $scale = 1.0): ?float; }
abstract class Base implements Shape { use Wraps, Logs { Wraps::wrap as protected traitWrap; Logs::boot insteadof Wraps; } abstract protected function go(); }
final class Square extends Base {
    var $side = 2; public static $count = 0;
    function __get($n) { return parent::__get($n) ?: $this->traitWrap($n, self::$count++); }
    function go() { return new class($this->side, more()) extends Base { function id() { return spl_object_hash($this); } function go() {} function area(float $s = 1.0): ?float { return sqrt($s); } }; }
}
class_alias('Square', 'Quad'); $class::make($x)::other()->list(); $o?->maybe()?->more($o?->x);
