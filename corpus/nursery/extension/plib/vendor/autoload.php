<?php

require __DIR__ . '/composer/ClassLoader.php';
