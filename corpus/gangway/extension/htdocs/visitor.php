<?php
// Includes nothing: these are its own variables.
$berth = $_POST['deck'];
$sailor = 'a guest';
pm_Settings::set('visitor', $sailor);
pm_Settings::set('deck', $berth);
