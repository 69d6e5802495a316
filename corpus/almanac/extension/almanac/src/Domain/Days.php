<?php

declare(strict_types=1);

namespace NineWillows\Almanac\Domain;

use NineWillows\Almanac\Keys as K;
use function NineWillows\Almanac\day_key;

final class Days
{
    public function mark(\pm_Domain $domain, string $day): void
    {
        \pm_Settings::set(K::forDay($domain->getId()), $day);
        \pm_Settings::set(K::forWord($day), '1');
        \pm_Settings::set(day_key($domain), $day);
        \Almanac_Legacy_Moon::rise($domain->getId());
        \Almanac_Legacy_Moon::title($domain->getName());
    }

    public function feast(\pm_Client $client): void
    {
        $book = new \Modules_Almanac_Book_Feasts();
        $book->add($client->getId(), $client->getLogin());
    }
}
