<?php

/**
 * Random values, and what becomes of them when the ids in them are mapped. A line is a value in hexadecimal digits.
 *
 *   php values.php make serialize|json COUNT    writes values
 *   php values.php judge serialize|json         reads pairs of a value and its rewriting; ends with 1 at the first that is wrong
 */

class Site
{
    public $domain;
    protected $sites = array();
    private $owners = array();
    private $self;

    public function __construct($domain, $sites, $owners)
    {
        $this->domain = $domain;
        $this->sites = $sites;
        $this->owners = $owners;
        $this->self = mt_rand(0, 3) ? null : $this;
    }

    public function mapped()
    {
        $this->domain = domain($this->domain);
        $this->sites = keys($this->sites);
        $this->owners = array_map('client', $this->owners);
    }
}

class Custom implements Serializable
{
    private $text = '';

    public function __construct($text)
    {
        $this->text = $text;
    }

    public function serialize()
    {
        return $this->text;
    }

    public function unserialize($text)
    {
        $this->text = $text;
    }

}

enum Kind: string
{
    case Domain = 'domain';
    case Client = 'client';
}

/** @return mixed an id as a program stores it */
function id($low = 1, $high = 70)
{
    $id = mt_rand($low, $high);
    return mt_rand(0, 1) ? $id : (string)$id;
}

function word($json)
{
    $words = array('', 'x', 'a "quoted" one', "line\nend", 'i:5;', 's:1:"5";}', '{"domain":5', 'é', "\u{1F600}", '05', '5.0', '12a', 'owners', "a\\b/c");
    $word = $words[mt_rand(0, count($words) - 1)];
    return $json ? $word : $word . (mt_rand(0, 3) ? '' : "\xff\x00\xe9");
}

function make($depth, $json)
{
    $value = array();
    for ($i = mt_rand(0, 5); $i > 0; $i--) {
        $key = mt_rand(0, 2) ? chr(mt_rand(97, 105)) : mt_rand(-3, 60);
        $value[$key] = scalar($json);
    }
    if (mt_rand(0, 1)) {
        $value['domain'] = id();
    }
    if (mt_rand(0, 2) === 0) {
        $value['sites'] = sites($json);
    }
    if (mt_rand(0, 2) === 0) {
        $value['owners'] = owners();
    }
    if ($depth > 0) {
        foreach (array('p', 'q') as $key) {
            if (mt_rand(0, 1)) {
                $value[$key] = make($depth - 1, $json);
            }
        }
        if (mt_rand(0, 3) === 0) {
            $inner = make(0, true);
            $value['text'] = mt_rand(0, 1) ? json_encode($inner) : serialize($inner);
        }
    }
    if (!$json && mt_rand(0, 2) === 0) {
        $site = new Site(id(), sites($json), owners());
        $value['site'] = $site;
        if (mt_rand(0, 1)) {
            $value['again'] = $site;
        }
        $value['kind'] = Kind::Client;
        $value['custom'] = new Custom('s:6:"domain";i:5;}' . word(false));
        $value['pi'] = mt_rand() / 7;
        $value['odd'] = array(INF, -INF, 0.1, -0.0, 1.0e25);
        if (mt_rand(0, 1)) {
            $value['same'] = 'same';
            $value['reference'] = &$value['same'];
        }
    }
    return $value;
}

function scalar($json)
{
    switch (mt_rand(0, 6)) {
        case 0: return mt_rand(0, 70);
        case 1: return (string)mt_rand(0, 70);
        case 2: return null;
        case 3: return (bool)mt_rand(0, 1);
        case 4: return mt_rand(-1000, 1000) / 8;
        case 5: return PHP_INT_MAX - mt_rand(0, 9);
        default: return word($json);
    }
}

function sites($json)
{
    $sites = array();
    for ($i = mt_rand(1, 6); $i > 0; $i--) {
        $sites[mt_rand(0, 9) ? mt_rand(1, 60) : 'none'] = scalar($json);
    }
    // A JSON object, whatever its keys are.
    return $sites + array('all' => 1);
}

function owners()
{
    $owners = array();
    for ($i = mt_rand(0, 5); $i > 0; $i--) {
        $owners[] = id();
    }
    return $owners;
}

/** The mapping, in PHP's own way. */
function domain($id)
{
    $new = $id >= 1 && $id <= 40 ? (($id - 1) ^ 1) + 1 : ($id >= 41 && $id <= 60 ? $id + 1000 : $id);
    return is_string($id) ? (string)$new : $new;
}

function client($id)
{
    $new = $id >= 1 && $id <= 60 ? $id + 7 : $id;
    return is_string($id) ? (string)$new : $new;
}

function keys($sites)
{
    $mapped = array();
    foreach ($sites as $key => $value) {
        $mapped[is_int($key) ? domain($key) : $key] = $value;
    }
    return $mapped;
}

function mapped($value)
{
    foreach ($value as $key => $member) {
        if ($member instanceof Site) {
            if ($key === 'site') {
                $member->mapped();
            }
        } elseif ($key === 'domain') {
            $value[$key] = domain($member);
        } elseif ($key === 'sites') {
            $value[$key] = keys($member);
        } elseif ($key === 'owners') {
            $value[$key] = array_map('client', $member);
        } elseif ($key === 'text') {
            $inner = $member[0] === 'a' ? unserialize($member) : json_decode($member, true);
            $inner = mapped($inner);
            $value[$key] = $member[0] === 'a' ? serialize($inner) : json_encode($inner);
        } elseif (is_array($member)) {
            $value[$key] = mapped($member);
        }
    }
    return $value;
}

list(, $what, $form) = $argv;
$json = $form === 'json';
$flags = array(0, JSON_PRETTY_PRINT, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);

if ($what === 'make') {
    mt_srand(20261126);
    for ($i = 0; $i < (int)$argv[3]; $i++) {
        $value = make(mt_rand(0, 3), $json);
        echo bin2hex($json ? json_encode((object)$value, $flags[$i % 3] | JSON_THROW_ON_ERROR) : serialize($value)), "\n";
    }
    exit(0);
}

$count = $changed = 0;
while (($line = fgets(STDIN)) !== false) {
    $before = hex2bin(trim($line));
    $after = hex2bin(trim(fgets(STDIN)));
    $count++;
    if ($before === $after) {
        // A value that needed no change must be its own mapping.
        $same = true;
    } else {
        $changed++;
        $same = false;
    }
    $expected = mapped($json ? json_decode($before, true) : unserialize($before));
    $found = $json ? json_decode($after, true) : unserialize($after);
    if ($found === false || $found === null) {
        echo "PHP cannot read this any more:\n$after\n";
        exit(1);
    }
    // Text of it all: identity of objects and references, types and order count.
    if (serialize($expected) !== serialize($found)) {
        echo "before   $before\nafter    $after\nexpected ", serialize($expected), "\nfound    ", serialize($found), "\n";
        exit(1);
    }
    if ($same && $json === false && serialize(unserialize($before)) !== serialize($expected)) {
        echo "should have changed: $before\n";
        exit(1);
    }
}
echo "$count values, $changed changed\n";
