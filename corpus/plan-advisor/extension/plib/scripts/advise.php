<?php

use PleskExt\PlanAdvisor\Advisor;

pm_Context::init('plan-advisor');

$advisor = new Advisor();
foreach (pm_Domain::getAllDomains(true) as $domain) {
    $plans = $domain->getPlans();
    if (!$plans) {
        continue; // a subscription without a plan
    }
    $used = (int)$domain->getLimit('disk_space');
    $better = null;
    foreach (explode(',', (string)pm_Settings::get('ladder')) as $id) {
        $candidate = new pm_Plan($id);
        if ($used > 0 && $candidate->getName() !== $plans[0]->getName()) {
            $better = $candidate;
            break;
        }
    }
    $advisor->advise($domain, $plans[0], $better);
}
