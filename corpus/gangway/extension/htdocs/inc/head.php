<?php
pm_Context::init('gangway');
require_once pm_Context::getPlibDir() . 'library/gangway.php';
if (!pm_Session::isExist()) {
    header('Location: /');
    exit;
}
$me = pm_Session::getClient();
$sailor = $me->getId();
$name = $me->getLogin();
$options = include dirname(dirname(__FILE__)) . '/inc/options.php';
