<?php

/**
 * What we know about the certificate of every site, and the reminders that were sent about it.
 */
class Modules_CertWatch_Store
{
    /** @var PDO */
    private $pdo;

    public function __construct($path = null)
    {
        if ($path === null) {
            $path = pm_Context::getVarDir() . 'certificates.db';
        }
        $this->pdo = new PDO('sqlite:' . $path);
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $this->pdo->exec('PRAGMA foreign_keys = ON');
    }

    public function install()
    {
        $this->pdo->exec(<<<SQL
            CREATE TABLE IF NOT EXISTS certificates (
                domain_id    INTEGER NOT NULL,
                domain_name  TEXT NOT NULL,
                fingerprint  TEXT NOT NULL,
                issuer       TEXT,
                expires_at   INTEGER NOT NULL,
                seen_at      INTEGER NOT NULL,
                UNIQUE (domain_id)
            );
            CREATE TABLE IF NOT EXISTS reminders (
                id           INTEGER PRIMARY KEY AUTOINCREMENT,
                domain_id    INTEGER NOT NULL REFERENCES certificates (domain_id) ON UPDATE CASCADE ON DELETE CASCADE,
                days_left    INTEGER NOT NULL,
                sent_at      INTEGER NOT NULL,
                recipient    TEXT
            );
            CREATE INDEX IF NOT EXISTS reminders_by_domain ON reminders (domain_id, sent_at);
            SQL
        );
    }

    /**
     * Keeps what the last probe of a site found.
     */
    public function remember(pm_Domain $domain, array $certificate)
    {
        $insert = $this->pdo->prepare(
            'INSERT INTO certificates (domain_id, domain_name, fingerprint, issuer, expires_at, seen_at)
             VALUES (:domain, :name, :fingerprint, :issuer, :expires, :now)
             ON CONFLICT (domain_id) DO UPDATE SET
                domain_name = excluded.domain_name, fingerprint = excluded.fingerprint,
                issuer = excluded.issuer, expires_at = excluded.expires_at, seen_at = excluded.seen_at'
        );
        $insert->execute([
            ':domain' => $domain->getId(),
            ':name' => $domain->getName(),
            ':fingerprint' => $certificate['fingerprint'],
            ':issuer' => isset($certificate['issuer']) ? $certificate['issuer'] : null,
            ':expires' => (int)$certificate['validTo'],
            ':now' => time(),
        ]);
    }

    public function reminderSent(pm_Domain $domain, $daysLeft, $recipient)
    {
        $statement = $this->pdo->prepare('INSERT INTO reminders (domain_id, days_left, sent_at, recipient) VALUES (?, ?, ?, ?)');
        $statement->execute([$domain->getId(), $daysLeft, time(), $recipient]);
    }

    /**
     * @return array[] rows of certificates that end within that many days, the most urgent first
     */
    public function endingWithin($days)
    {
        $statement = $this->pdo->prepare('SELECT * FROM certificates WHERE expires_at < :limit ORDER BY expires_at');
        $statement->execute([':limit' => time() + $days * 86400]);
        return $statement->fetchAll(PDO::FETCH_ASSOC);
    }

    public function wasReminded(pm_Domain $domain, $daysLeft)
    {
        $statement = $this->pdo->prepare('SELECT COUNT(*) FROM reminders WHERE domain_id = ? AND days_left = ?');
        $statement->execute([$domain->getId(), $daysLeft]);
        return $statement->fetchColumn() > 0;
    }
}
