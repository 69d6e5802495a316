<?php
namespace Old;
use Exception as Failure;
if (!function_exists('old_helper')) {
    function old_helper($a, &$b, $c = array(1, 2, array('x' => NULL))) {
        global $config;
        list($first, , $third) = array_values($a);
        switch (strtolower($first)):
            case 'a': $b = do_a($third); break;
            default: $b = call_user_func_array('do_b', array($third)); break;
        endswitch;
        return $b;
    }
}
for ($i = 0, $n = count($GLOBALS); $i < $n; ++$i): echo str_repeat('-', $i); endfor;
$f = function ($x) use ($n, &$i) { return max($x, $n, min($i, 3)); };
try { throw new Failure(sprintf("%s", $f(3))); } catch (Failure $e) { error_log($e->getMessage()); }
goto done;
done:
while (list_more()) { if (rand()) continue; else break; }
do { $i--; } while (check($i));
$key = pm_Settings::get(some_constant, __CLASS__);
$object->{'name'}->deep()->deeper($object->list()->print());
