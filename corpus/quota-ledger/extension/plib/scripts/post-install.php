<?php
pm_Context::init('quota-ledger');
$previous = isset($argv[1], $argv[2]) && $argv[1] === 'upgrade' ? $argv[2] : '0.0.0';
$ledger = new Modules_QuotaLedger_Ledger();
(new Modules_QuotaLedger_Migrations($ledger->pdo()))->run($previous);
