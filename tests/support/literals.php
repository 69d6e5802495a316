<?php
// Prints what PHP makes of each literal in the list that the file named on the command line returns, as JSON of hexadecimal texts.

error_reporting(0);
const V = '<V>';
$v = V;
$a = ['k' => V, 0 => V, -1 => V, V => V];
$o = new class {
    public $p = V;
    public $list = [[V]];
    function m() { return V; }
};
echo json_encode(array_map('bin2hex', (require $argv[1])($v, $a, $o)));
