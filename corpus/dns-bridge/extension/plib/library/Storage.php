<?php

/**
 * Accounts at the provider, and which of its zones belongs to which of our sites.
 */
class Modules_DnsBridge_Storage
{
    /** @var PDO */
    protected $db;

    protected $schema = [
        'CREATE TABLE IF NOT EXISTS accounts (
            account_id    TEXT PRIMARY KEY,
            client_id     TEXT NOT NULL,
            client_secret TEXT NOT NULL,
            access_token  TEXT,
            user_id       TEXT
        )',
        'CREATE TABLE IF NOT EXISTS cloudflare_zones (
            zone_id     TEXT PRIMARY KEY,
            account_id  TEXT NOT NULL REFERENCES accounts (account_id),
            plan_id     TEXT,
            status      TEXT,
            domain_id   INTEGER NOT NULL
        )',
        'CREATE TABLE IF NOT EXISTS cloudflare_records (
            record_id   TEXT PRIMARY KEY,
            zone_id     TEXT NOT NULL REFERENCES cloudflare_zones (zone_id) ON DELETE CASCADE,
            type        TEXT,
            content     TEXT
        )',
    ];

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'bridge.db');
        $this->db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        foreach ($this->schema as $statement) {
            $this->db->exec($statement);
        }
    }

    public function saveAccount(stdClass $oauth, array $token)
    {
        $statement = $this->db->prepare(
            'REPLACE INTO accounts (account_id, client_id, client_secret, access_token, user_id) VALUES (:account, :client, :secret, :token, :user)'
        );
        $statement->execute([
            ':account' => $token['account']['id'],
            ':client' => $oauth->clientId,
            ':secret' => pm_Crypt::encrypt($oauth->clientSecret),
            ':token' => $token['access_token'],
            ':user' => $token['user_id'],
        ]);
    }

    /**
     * @param array $zone as the provider describes it
     */
    public function saveZone(pm_Domain $domain, array $zone)
    {
        $statement = $this->db->prepare(
            'REPLACE INTO cloudflare_zones (zone_id, account_id, plan_id, status, domain_id) VALUES (:zone, :account, :plan, :status, :domain)'
        );
        $statement->bindValue(':zone', $zone['id']);
        $statement->bindValue(':account', $zone['account']['id']);
        $statement->bindValue(':plan', $zone['plan']['id']);
        $statement->bindValue(':status', $zone['status']);
        $statement->bindValue(':domain', $domain->getId(), PDO::PARAM_INT);
        $statement->execute();
    }

    public function saveRecord($zoneId, array $record)
    {
        $statement = $this->db->prepare('REPLACE INTO cloudflare_records (record_id, zone_id, type, content) VALUES (?, ?, ?, ?)');
        $statement->execute([$record['id'], $zoneId, $record['type'], $record['content']]);
    }

    public function zoneOf(pm_Domain $domain)
    {
        $statement = $this->db->prepare('SELECT zone_id FROM cloudflare_zones WHERE domain_id = ?');
        $statement->execute([$domain->getId()]);
        return $statement->fetchColumn();
    }
}
