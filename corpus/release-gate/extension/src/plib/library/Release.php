<?php

declare(strict_types=1);

namespace PleskExt\ReleaseGate;

/**
 * A release as it came from the pipeline.
 */
final readonly class Release
{
    public function __construct(
        public string $uuid,
        public string $commit,
        public ReleaseState $state = ReleaseState::Waiting,
        public ?\DateTimeImmutable $at = null,
    ) {
    }

    public function with(ReleaseState $state): self
    {
        return new self($this->uuid, $this->commit, $state, new \DateTimeImmutable());
    }
}
