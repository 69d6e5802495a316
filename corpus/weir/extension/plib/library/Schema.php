<?php
class Modules_Weir_Schema
{
    public static function make()
    {
        $pdo = new PDO('sqlite:' . pm_Context::getVarDir() . 'weir.db');
        $pdo->exec('CREATE TABLE fish (id INTEGER PRIMARY KEY, pond INTEGER, kind TEXT, keeper TEXT)');
        $pdo->exec('CREATE TABLE traps (word TEXT, place INTEGER)');
        $pdo->exec('CREATE TABLE otters (id INTEGER PRIMARY KEY, friend INTEGER, pond INTEGER)');
        return $pdo;
    }
}
