<?php

class Modules_Prism_Glass
{
    /**
     * @return array{0: int, 1: string}
     */
    private static function pair(pm_Domain $domain): array
    {
        return [$domain->getId(), $domain->getName()];
    }

    private static function card(pm_Domain $domain): array
    {
        return ['ids' => ['site' => $domain->getId(), 'owner' => $domain->getClient()->getId()], 'names' => ['site' => $domain->getName()]];
    }

    public static function split(pm_Domain $domain): void
    {
        [$id, $name] = self::pair($domain);
        pm_Settings::set('red-' . $id, 'on');
        pm_Settings::set('rose-' . $name, 'on');

        ['ids' => ['site' => $site, 'owner' => $owner], 'names' => ['site' => $title]] = self::card($domain);
        pm_Settings::set('orange-' . $site, 'on');
        pm_Settings::set('amber-' . $owner, 'on');
        pm_Settings::set('gold-' . $title, 'on');

        list(, $second) = self::pair($domain);
        pm_Settings::set('ochre-' . $second, 'on');
    }

    public static function map(array $names): void
    {
        $map = [];
        foreach ($names as $name) {
            $domain = pm_Domain::getByName($name);
            $map[$domain->getId()] = $name;
        }
        foreach ($map as $id => $name) {
            pm_Settings::set("yellow-$id", $name);
            pm_Settings::set("lemon-$name", 'on');
        }
        foreach (array_keys($map) as $id) {
            pm_Settings::set('green', $id);
        }
        $byName = array_flip($map);
        foreach ($byName as $name => $id) {
            pm_Settings::set('olive:' . $id, 'on');
            pm_Settings::set('moss:' . $name, 'on');
        }
    }

    public static function close(pm_Domain $domain, callable $log): void
    {
        $id = $domain->getId();
        $name = $domain->getName();
        $write = function ($colour) use ($id, &$name) {
            pm_Settings::set($colour . '/' . $id, 'on');
            pm_Settings::set($colour . '/' . $name, 'on');
        };
        $write('blue');
        $later = fn (string $word) => pm_Settings::set("indigo-{$id}-{$word}", 'on');
        $later('deep');
        $log($name);
    }

    public static function rows(): void
    {
        $rows = [];
        foreach (pm_Domain::getAllDomains() as $domain) {
            $rows[] = ['id' => $domain->getId(), 'name' => $domain->getName(), 'colour' => $domain->getSetting('colour')];
        }
        pm_Settings::set('violet', json_encode(array_column($rows, 'id')));
        pm_Settings::set('mauve', json_encode(array_column($rows, 'name')));
        pm_Settings::set('plum', json_encode(array_column($rows, 'colour', 'id')));
        foreach ($rows as ['id' => $id, 'colour' => $colour]) {
            pm_Settings::set("pink-$colour-$id", 'on');
        }
        foreach (self::ids() as $id) {
            pm_Settings::set(vsprintf('grey-%05d', [$id]), 'on');
        }
        foreach ($rows as $i => $row) {
            pm_Settings::set("white-$i", $row['name']);
        }
    }

    private static function ids(): Generator
    {
        foreach (pm_Domain::getAllDomains() as $domain) {
            yield $domain->getId();
        }
    }

    public static function reference(pm_Domain $domain): void
    {
        self::fill($domain, $id, $name);
        pm_Settings::set('black-' . $id, 'on');
        pm_Settings::set('ink-' . $name, 'on');
    }

    private static function fill(pm_Domain $domain, &$id, &$name): void
    {
        $id = $domain->getId();
        $name = $domain->getName();
    }
}
