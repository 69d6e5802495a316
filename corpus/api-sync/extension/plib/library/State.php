<?php

class Modules_ApiSync_State
{
    private $pdo;

    public function __construct(PDO $pdo = null)
    {
        $this->pdo = $pdo ?: new PDO('sqlite:' . pm_Context::getVarDir() . 'state.db');
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS pushed (domainId INTEGER PRIMARY KEY, remote_id TEXT NOT NULL, etag TEXT)');
    }

    public function pushed(pm_Domain $domain, array $answer)
    {
        $this->pdo->prepare('INSERT INTO pushed (domainId, remote_id, etag) VALUES (:id, :remote, :etag) ON CONFLICT (domainId) DO UPDATE SET etag = excluded.etag')
            ->execute([':id' => $domain->getId(), ':remote' => $answer['id'], ':etag' => $answer['etag']]);
    }

    public function etag(pm_Domain $domain)
    {
        $select = $this->pdo->prepare('SELECT etag FROM pushed WHERE domainId = ?');
        $select->execute([$domain->getId()]);
        return $select->fetchColumn() ?: null;
    }
}
