<?php

require __DIR__ . '/../plib/library/Stub/Panel.php';
