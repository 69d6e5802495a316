<?php

class Modules_QuotaLedger_Ledger
{
    private $pdo;

    public static function path()
    {
        return pm_Context::getVarDir() . 'ledger.sqlite3';
    }

    public function __construct()
    {
        $this->pdo = new PDO('sqlite:' . self::path(), null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    }

    public function pdo()
    {
        return $this->pdo;
    }

    /**
     * One line a day and subscription; the last measurement of a day counts.
     */
    public function measure(\pm_Domain $domain, $bytes, $files)
    {
        $subscription = $domain->getId();
        $this->pdo->prepare('INSERT OR REPLACE INTO usage (subscriptionId, day, bytes, files) VALUES (:s, :d, :b, :f)')
            ->execute(['s' => $subscription, 'd' => date('Y-m-d'), 'b' => $bytes, 'f' => $files]);
    }

    public function invoice(\pm_Client $client, $amount)
    {
        $statement = $this->pdo->prepare('INSERT INTO invoices (customer, amount, ownerId) VALUES (?, ?, ?)');
        $statement->bindValue(1, $client->getProperty('cname'));
        $statement->bindValue(2, round($amount, 2));
        $statement->bindValue(3, $client->getId(), PDO::PARAM_INT);
        $statement->execute();
        return (int)$this->pdo->lastInsertId();
    }

    public function total(\pm_Domain $domain, $month)
    {
        $statement = $this->pdo->prepare("SELECT AVG(bytes) FROM usage WHERE subscriptionId = ? AND day LIKE ?");
        $statement->execute([$domain->getId(), $month . '-%']);
        return (float)$statement->fetchColumn();
    }
}
