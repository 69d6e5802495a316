<?php

require_once __DIR__ . '/stubs/pm.php';
require_once __DIR__ . '/../plib/library/State.php';

class StateTest extends PHPUnit\Framework\TestCase
{
    public function testEtagIsKept()
    {
        $pdo = new PDO('sqlite::memory:');
        $pdo->exec('CREATE TABLE fixture (domain_id INTEGER, subscription_id INTEGER)');
        $domain = new pm_Domain(5);
        $pdo->prepare('INSERT INTO fixture (domain_id, subscription_id) VALUES (?, ?)')->execute([$domain->getId(), 3]);
        $state = new Modules_ApiSync_State($pdo);
        $state->pushed($domain, ['id' => 'r-1', 'etag' => 'abc']);
        $this->assertSame('abc', $state->etag($domain));
    }
}
