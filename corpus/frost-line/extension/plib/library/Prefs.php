<?php

namespace PleskExt\FrostLine;

use pm_Settings as Kv;

/**
 * All that can be set, whatever it is set for.
 */
final class Prefs
{
    const LIMIT = 'limit';

    public function limit(\pm_Domain $domain, int $limit): void
    {
        \pm_Settings::set(self::LIMIT . '.' . $domain->getId(), $limit);
    }

    public function theme(\pm_Client $client, string $theme): void
    {
        \pm_Settings::getInstance()->set(Slot::Theme->value . $client->getId(), $theme);
    }

    public function banner(string $text): void
    {
        Kv::set(Slot::Banner->value, $text);
        Kv::set(Slot::WELCOME->value . '-hash', md5($text));
    }

    public function quiet(\pm_Domain $domain, ?array $hours): void
    {
        $key = "quiet_{$domain->getId()}";
        if ($hours === null) {
            Kv::set($key, null);
            return;
        }
        Kv::set($key, implode(',', $hours));
    }

    public function seen(\pm_Client $client): void
    {
        Kv::set(Slot::Last->value, (string)$client->getId());
    }

    public function lastSeen(): ?\pm_Client
    {
        $id = Kv::get(Slot::Last->value);
        return $id ? \pm_Client::getByClientId($id) : null;
    }
}
