<?php

use PleskExt\Carousel\Horse;
use PleskExt\Carousel\Ride;
use PleskExt\Carousel\Ticket;

pm_Context::init('carousel');

$client = pm_Session::getClient();
$domain = pm_Domain::getByName($argv[1]);

pm_Settings::set(Horse::saddle($client), '1');
pm_Settings::set(Horse::Black->key($client->getLogin()), '1');
pm_Settings::set((string)Ticket::for($domain), '1');

Ride::begin()->with('site', $domain->getId())->with('name', $domain->getName())->save('ride');
Ride::begin()->with('name', $domain->getName())->with('turns', 3)->save('turns');

$ride = new Ride();
$ride['front'] = $domain->getId();
$ride['tune'] = 'waltz';
$ride->stop();

$magic = new Ride();
$magic->setOwner($client->getId())->setTitle('Gallop')->save('magic');
