<?php

namespace PleskExt\Carousel;

final readonly class Ticket implements \Stringable
{
    public function __construct(private int $site)
    {
    }

    public static function for(\pm_Domain $domain): self
    {
        return new self($domain->getId());
    }

    public function __toString(): string
    {
        return 'ticket-' . $this->site;
    }
}
