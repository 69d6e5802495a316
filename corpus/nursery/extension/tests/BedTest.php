<?php

class BedTest extends PHPUnit\Framework\TestCase
{
    public function testSow()
    {
        $domain = new pm_Domain(5);
        Modules_Nursery_Bed::sow($domain, 'oak');
        pm_Settings::set('test-' . $domain->getId(), '1');
        $this->assertSame('oak', pm_Settings::get('bed-5'));
    }
}
