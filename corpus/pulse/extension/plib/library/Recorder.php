<?php

/**
 * Writes what a round of requests brought.
 */
class Modules_Pulse_Recorder
{
    const SLOT = 300;

    public function answered(pm_Domain $site, $code, $millis)
    {
        $slot = (int)(time() / self::SLOT);
        $id = (string)$site->getId();

        $statement = Modules_Pulse_Db::get()->prepare('REPLACE INTO answers (siteId, slot, millis) VALUES (:site, :slot, :millis)');
        $statement->bindValue(':site', $id, SQLITE3_TEXT);
        $statement->bindValue(':slot', $slot, SQLITE3_INTEGER);
        $statement->bindValue(':millis', $millis, SQLITE3_FLOAT);
        $statement->execute();

        $this->state($site, $code >= 200 && $code < 500, $code);
    }

    private function state(pm_Domain $site, $up, $code)
    {
        $db = Modules_Pulse_Db::get();
        $siteId = (string)$site->getId();
        $now = time();
        $current = $db->prepare('SELECT up FROM site_state WHERE site_id = ?');
        $current->bindValue(1, $siteId, SQLITE3_TEXT);
        $row = $current->execute()->fetchArray(SQLITE3_ASSOC);
        if ($row && (bool)$row['up'] === $up) {
            return;
        }
        $change = $db->prepare('INSERT OR REPLACE INTO site_state (site_id, up, since, last_code) VALUES (?, ?, ?, ?)');
        $change->bindParam(1, $siteId, SQLITE3_TEXT);
        $change->bindParam(2, $up, SQLITE3_INTEGER);
        $change->bindParam(3, $now, SQLITE3_INTEGER);
        $change->bindParam(4, $code, SQLITE3_INTEGER);
        $change->execute();
    }
}
