<?php

class Modules_Thicket_Brush
{
    private PDO $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'brush.db');
        $this->db->exec(
            <<<SQL
            CREATE TABLE IF NOT EXISTS cuts (
                id INTEGER PRIMARY KEY,
                payload TEXT,
                extra TEXT,
                members TEXT,
                note TEXT
            );
            CREATE TABLE IF NOT EXISTS roots (
                name TEXT,
                data TEXT
            )
            SQL
        );
    }

    public function cut(pm_Domain $domain, array $clients): void
    {
        $members = implode(';', array_map(static fn (pm_Client $c): int => $c->getId(), $clients));
        $statement = $this->db->prepare('INSERT INTO cuts (payload, extra, members, note) VALUES (:payload, :extra, :members, :note)');
        $statement->execute([
            'payload' => json_encode(['job' => ['domainId' => $domain->getId(), 'attempt' => 1]], JSON_THROW_ON_ERROR),
            'extra' => serialize(['owner' => $domain->getClient()->getId(), 'login' => $domain->getClient()->getLogin()]),
            'members' => $members,
            'note' => json_encode(['domain' => $domain->getGuid(), 'id' => 7, 'clients' => count($clients)]),
        ]);
    }

    public function pull(): iterable
    {
        foreach ($this->db->query('SELECT name, data FROM roots') as $row) {
            $data = json_decode($row['data'], true);
            if (pm_Session::getClient()->hasAccessToDomain($data['grows_on'])) {
                yield $row['name'] => $data['depth'];
            }
        }
    }
}
