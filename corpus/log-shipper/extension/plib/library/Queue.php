<?php

/**
 * What waits to be sent.
 *
 * Up to 0.9 this was a table:
 *
 *     CREATE TABLE queue (
 *         id        INTEGER PRIMARY KEY,
 *         domain_id INTEGER NOT NULL,
 *         client_id INTEGER NOT NULL,
 *         file      TEXT
 *     );
 *
 * Now it is a directory with one file for each part of a log.
 */
class Modules_LogShipper_Queue
{
    // $this->pdo->exec('CREATE TABLE sent (domain_id INTEGER, offset INTEGER)');

    /* Kept for those who look for it:
       INSERT INTO queue (domain_id, client_id, file) VALUES (?, ?, ?) */

    public function directory()
    {
        $path = pm_Context::getVarDir() . 'queue';
        if (!is_dir($path) && !mkdir($path, 0700) && !is_dir($path)) {
            throw new pm_Exception("Cannot make {$path}");
        }
        return $path;
    }

    public function put($host, $lines)
    {
        # the name of a part never says whose it is
        $name = sprintf('%s/%s.part', $this->directory(), sha1($host . microtime(true)));
        file_put_contents($name, $host . "\n" . implode("\n", $lines), LOCK_EX);
        return $name;
    }

    public function each(callable $send)
    {
        foreach (glob($this->directory() . '/*.part') as $part) {
            if ($send(file_get_contents($part))) {
                unlink($part);
            }
        }
    }
}
