<?php
// Included by board.php, which gives it $berth and $me.
pm_Settings::set('berth', $berth);
pm_Settings::set('boarder', $me->getLogin());
$receipt = pm_Session::getCurrentDomain()->getId();
