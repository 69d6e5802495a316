<?php

spl_autoload_register(function ($class) {
    if (strpos($class, 'Billing\\') === 0) {
        require __DIR__ . '/billing/client/src/' . substr($class, 8) . '.php';
    }
});
