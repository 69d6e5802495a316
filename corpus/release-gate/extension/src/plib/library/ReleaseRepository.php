<?php

declare(strict_types=1);

namespace PleskExt\ReleaseGate;

use PDO;

final class ReleaseRepository
{
    private const FILE = 'releases.db';

    private readonly PDO $pdo;

    public function __construct(?string $directory = null)
    {
        $directory ??= \pm_Context::getVarDir();
        $this->pdo = new PDO('sqlite:' . $directory . self::FILE, options: [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        $this->migrate();
    }

    private function migrate(): void
    {
        $this->pdo->exec(<<<'SQL'
            CREATE TABLE IF NOT EXISTS releases (
                uuid        TEXT PRIMARY KEY,
                webspaceId  INTEGER NOT NULL,
                startedBy   INTEGER,
                commit_id   TEXT NOT NULL,
                state       TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'broken')),
                at          TEXT
            ) STRICT
            SQL);
    }

    public function add(\pm_Domain $webspace, ?\pm_Client $by, Release $release): void
    {
        $statement = $this->pdo->prepare(
            'INSERT INTO releases (uuid, webspaceId, startedBy, commit_id, state, at) VALUES (:uuid, :webspace, :by, :commit, :state, :at)'
        );
        $statement->bindValue('uuid', $release->uuid);
        $statement->bindValue('webspace', $webspace->getId(), PDO::PARAM_INT);
        $statement->bindValue('by', $by?->getId(), PDO::PARAM_INT);
        $statement->bindValue('commit', $release->commit);
        $statement->bindValue('state', $release->state->value);
        $statement->bindValue('at', $release->at?->format(DATE_ATOM));
        $statement->execute();
    }

    public function advance(Release $release, ReleaseState $to): Release
    {
        $next = $release->with($to);
        $this->pdo->prepare('UPDATE releases SET state = ?, at = ? WHERE uuid = ?')
            ->execute([$next->state->value, $next->at?->format(DATE_ATOM), $next->uuid]);
        return $next;
    }

    /** @return list<Release> */
    public function open(\pm_Domain $webspace): array
    {
        $statement = $this->pdo->prepare('SELECT uuid, commit_id, state FROM releases WHERE webspaceId = ?');
        $statement->execute([$webspace->getId()]);
        $all = array_map(
            static fn (array $row) => new Release($row['uuid'], $row['commit_id'], ReleaseState::from($row['state'])),
            $statement->fetchAll(PDO::FETCH_ASSOC),
        );
        return array_values(array_filter($all, static fn (Release $r) => !$r->state->isFinal()));
    }
}
