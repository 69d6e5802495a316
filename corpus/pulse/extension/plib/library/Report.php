<?php

/**
 * A report is too large for one row on small servers: it is kept in parts of 64 KiB.
 */
class Modules_Pulse_Report
{
    const PART = 65536;

    public function store($title, $text)
    {
        $db = Modules_Pulse_Db::get();
        $reportId = md5($title . microtime());
        $insert = $db->prepare('INSERT INTO report_parts (report_id, chunk_id, body) VALUES (:report, :chunk, :body)');
        foreach (str_split($text, self::PART) as $number => $part) {
            $insert->bindValue(':report', $reportId);
            $insert->bindValue(':chunk', $number);
            $insert->bindValue(':body', $part, SQLITE3_BLOB);
            $insert->execute();
            $insert->reset();
        }
        return $reportId;
    }

    public function read($reportId)
    {
        $select = Modules_Pulse_Db::get()->prepare('SELECT body FROM report_parts WHERE report_id = ? ORDER BY chunk_id');
        $select->bindValue(1, $reportId);
        $result = $select->execute();
        $text = '';
        while ($row = $result->fetchArray(SQLITE3_NUM)) {
            $text .= $row[0];
        }
        return $text;
    }
}
