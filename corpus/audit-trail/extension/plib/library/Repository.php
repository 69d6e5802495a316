<?php

class Modules_AuditTrail_Repository
{
    private $pdo;

    public function __construct()
    {
        $this->pdo = new PDO('sqlite:' . pm_Context::getVarDir() . 'audit.sqlite');
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        // The file may have been removed by hand since the installation.
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS entries (
            entry_id    INTEGER PRIMARY KEY AUTOINCREMENT,
            customer_id INTEGER,
            action      VARCHAR(80) NOT NULL,
            machine_id  VARCHAR(64),
            request_id  VARCHAR(64),
            created     INTEGER NOT NULL
        )');
    }

    /**
     * @param int|null $month like 202401; null: all
     * @return array
     */
    public function page($month, $offset, $limit)
    {
        $sql = 'SELECT * FROM entries';
        $values = [];
        if ($month !== null) {
            $sql .= " WHERE strftime('%Y%m', created, 'unixepoch') = ?";
            $values[] = (string)$month;
        }
        $statement = $this->pdo->prepare($sql . ' ORDER BY created DESC LIMIT ' . (int)$limit . ' OFFSET ' . (int)$offset);
        $statement->execute($values);
        return $statement->fetchAll(PDO::FETCH_ASSOC);
    }

    public function forget($before)
    {
        $statement = $this->pdo->prepare('DELETE FROM entries WHERE created < ?');
        $statement->execute([$before]);
        return $statement->rowCount();
    }
}
