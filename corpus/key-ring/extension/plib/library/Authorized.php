<?php

/**
 * The file of keys that the system reads.
 */
class Modules_KeyRing_Authorized
{
    private $lines = [];

    public function allow($publicKey, $comment)
    {
        $this->lines[] = 'restrict,pty ' . $publicKey . ' ' . str_replace("\n", ' ', $comment);
        return $this;
    }

    public function write($login)
    {
        $file = tempnam(pm_Context::getVarDir(), 'keys');
        file_put_contents($file, implode("\n", $this->lines) . "\n");
        try {
            $result = pm_ApiCli::callSbin('install-keys', [$login, $file]);
        } finally {
            unlink($file);
        }
        return $result['code'] === 0;
    }
}
