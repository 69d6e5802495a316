<?php
pm_Context::init('tide-table');

$table = new Modules_TideTable_Table();
foreach (pm_Domain::getAllDomains() as $domain) {
    $load = (int)$domain->getSetting('load', 0);
    $table->low($domain, $load);
    $table->high($domain, $load);
    $table->mark($domain);
    $table->level($domain, $load > 80 ? 'flood' : 'ebb');
    $table->hours($domain, array_fill(0, 24, $load));
}
