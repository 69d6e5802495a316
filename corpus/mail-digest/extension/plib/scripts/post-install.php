<?php
pm_Loader::registerAutoload();
pm_Context::init('mail-digest');
try {
    Modules_MailDigest_Adapter::createTables();
} catch (Zend_Db_Exception $e) {
    echo $e->getMessage() . "\n";
    exit(1);
}
exit(0);
