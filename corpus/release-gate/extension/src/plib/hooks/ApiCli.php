<?php

declare(strict_types=1);

use PleskExt\ReleaseGate\Release;
use PleskExt\ReleaseGate\ReleaseRepository;

class Modules_ReleaseGate_ApiCli extends pm_Hook_ApiCli
{
    public function pushCommand(string $domain, string $commit): void
    {
        $repository = new ReleaseRepository();
        $repository->add(pm_Domain::getByName($domain), pm_Session::getClient(), new Release(uuid: $this->uuid(), commit: $commit));
        $this->stdout("queued\n");
    }

    private function uuid(): string
    {
        $hex = bin2hex(random_bytes(16));
        return sprintf('%s-%s-4%s-a%s-%s', substr($hex, 0, 8), substr($hex, 8, 4), substr($hex, 13, 3), substr($hex, 17, 3), substr($hex, 20));
    }
}
