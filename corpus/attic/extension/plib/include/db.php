<?php

/**
 * Everything that touches the database goes through here.
 */
function attic_db()
{
    static $db;
    if (!$db) {
        $db = new PDO('sqlite:' . pm_Context::getVarDir() . 'attic.sqlite');
        $db->exec('CREATE TABLE IF NOT EXISTS trunks (nr INTEGER PRIMARY KEY, belongs INTEGER, label TEXT, weight INTEGER)');
        $db->exec('CREATE TABLE IF NOT EXISTS shelves (nr INTEGER PRIMARY KEY, belongs TEXT, label INTEGER, keeper INTEGER)');
        $db->exec('CREATE TABLE IF NOT EXISTS cobwebs (nr INTEGER PRIMARY KEY, corner INTEGER, spider INTEGER)');
    }
    return $db;
}

function attic_put($table, array $row)
{
    $names = array_keys($row);
    $statement = attic_db()->prepare('INSERT INTO ' . $table . ' (' . implode(', ', $names) . ') VALUES (:' . implode(', :', $names) . ')');
    foreach ($row as $name => $value) {
        $statement->bindValue(':' . $name, $value);
    }
    $statement->execute();
}

function attic_all($table, $order = 'nr')
{
    return attic_db()->query("SELECT * FROM $table ORDER BY $order")->fetchAll(PDO::FETCH_ASSOC);
}

function attic_column($column)
{
    return attic_db()->query("SELECT $column FROM cobwebs")->fetchAll(PDO::FETCH_COLUMN);
}
