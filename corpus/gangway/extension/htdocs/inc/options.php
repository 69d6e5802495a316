<?php
return array(
    'captain' => pm_Client::getByLogin('admin')->getId(),
    'colour' => 'blue',
);
