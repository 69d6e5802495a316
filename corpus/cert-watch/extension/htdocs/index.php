<?php
require_once 'pm/Loader.php';
pm_Loader::registerAutoload();
pm_Context::init('cert-watch');

$application = new pm_Application();
$application->run();
