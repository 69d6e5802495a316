<?php

/**
 * Keys, who owns them and where they may be used. The log of uses is a database of its own, since it grows.
 */
class Modules_KeyRing_Ring
{
    private $keys;
    private $log;

    public function __construct()
    {
        $this->keys = $this->open('keys.db', '
            CREATE TABLE IF NOT EXISTS keys (
                fingerprint TEXT PRIMARY KEY,
                owner       INTEGER NOT NULL,
                label       TEXT,
                public_key  TEXT NOT NULL
            );
            CREATE TABLE IF NOT EXISTS grants (
                fingerprint TEXT NOT NULL REFERENCES keys (fingerprint) ON DELETE CASCADE,
                ref         INTEGER NOT NULL,
                until       INTEGER,
                PRIMARY KEY (fingerprint, ref)
            );
            CREATE TABLE IF NOT EXISTS changes (
                fingerprint TEXT,
                owner       TEXT,
                changed_at  TEXT DEFAULT CURRENT_TIMESTAMP
            );
        ');
        $this->log = $this->open('uses.db', '
            CREATE TABLE IF NOT EXISTS uses (
                id          INTEGER PRIMARY KEY,
                fingerprint TEXT NOT NULL,
                who         INTEGER NOT NULL,
                owner       TEXT NOT NULL,
                ip          TEXT,
                at          INTEGER NOT NULL
            );
        ');
    }

    private function open($file, $tables)
    {
        $pdo = new PDO('sqlite:' . pm_Context::getVarDir() . $file);
        $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        $pdo->exec($tables);
        return $pdo;
    }

    public function add(pm_Client $client, $label, $publicKey)
    {
        $fingerprint = self::fingerprint($publicKey);
        $insert = $this->keys->prepare('INSERT INTO keys (fingerprint, owner, label, public_key) VALUES (?, ?, ?, ?)');
        $insert->bindValue(1, $fingerprint);
        $insert->bindValue(2, $client->getId(), PDO::PARAM_INT);
        $insert->bindValue(3, $label);
        $insert->bindValue(4, $publicKey);
        $insert->execute();
        return $fingerprint;
    }

    public function grant($fingerprint, pm_Domain $where, $until = null)
    {
        $parameters = [':f' => $fingerprint, ':w' => $where->getId(), ':u' => $until];
        $this->keys->prepare('INSERT OR REPLACE INTO grants (fingerprint, ref, until) VALUES (:f, :w, :u)')->execute($parameters);
    }

    /**
     * A key was used. The owner stands here as text, to be read by people.
     */
    public function used($fingerprint, pm_Client $client, $ip)
    {
        $insert = $this->log->prepare('INSERT INTO uses (fingerprint, who, owner, ip, at) VALUES (:f, :who, :owner, :ip, :at)');
        $insert->execute([':f' => $fingerprint, ':who' => $client->getId(), ':owner' => $client->getProperty('pname'), ':ip' => $ip, ':at' => time()]);
    }

    public static function fingerprint($publicKey)
    {
        $parts = explode(' ', trim($publicKey));
        if (count($parts) < 2 || base64_decode($parts[1], true) === false) {
            throw new pm_Exception('This is no public key');
        }
        return 'SHA256:' . rtrim(base64_encode(hash('sha256', base64_decode($parts[1]), true)), '=');
    }
}
