<?php

namespace PleskExt\Loom;

trait HasOwner
{
    private ?int $owner = null;

    public function ownedBy(\pm_Client $client): static
    {
        $this->owner = $client->getId();
        return $this;
    }

    protected function ownerKey(): string
    {
        return 'owner-' . $this->owner;
    }
}
