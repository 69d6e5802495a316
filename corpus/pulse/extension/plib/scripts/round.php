<?php
pm_Context::init('pulse');
Modules_Pulse_Db::create();

$recorder = new Modules_Pulse_Recorder();
foreach (pm_Domain::getAllDomains() as $site) {
    if (!$site->isActive()) {
        continue;
    }
    $begin = microtime(true);
    $headers = @get_headers('http://' . $site->getName() . '/');
    $took = (microtime(true) - $begin) * 1000;
    $code = $headers && preg_match('~ (\d{3}) ~', $headers[0], $m) ? (int)$m[1] : 0;
    try {
        $recorder->answered($site, $code, $took);
    } catch (Exception $e) {
        pm_Log::err('pulse: ' . $e->getMessage());
    }
}
