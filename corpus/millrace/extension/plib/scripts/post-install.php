<?php
pm_Context::init('millrace');
foreach (glob(__DIR__ . '/../migrations/*.yaml') as $file) {
    (new Modules_Millrace_Migration($file))->up();
}
