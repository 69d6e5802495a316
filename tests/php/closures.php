<?php
declare(strict_types=1);
namespace App;
use function array_filter;
$domains = array_filter(\pm_Domain::getAllDomains(), fn (\pm_Domain $d): bool => $d->hasHosting() && !$d->isSuspended());
$ids = array_map(static fn($d) => (string)$d->getId(), $domains);
usort($domains, fn($a, $b) => strcmp($a->getName(), $b->getName()) ?: $a->getId() <=> $b->getId());
$make = fn($x) => fn($y) => fn($z) => combine($x, $y, $z(1)(2));
(function () use ($ids) { foreach ($ids as $i => $id) { pm_log($i, $id); } })();
$callable = strlen(...);
$method = $domains[0]->getId(...);
array_walk($ids, [new Walker(step()), 'walk']);
$make(1)(2)(get_last());
