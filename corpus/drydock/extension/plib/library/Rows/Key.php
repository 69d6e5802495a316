<?php

class Modules_Drydock_Rows_Key extends Modules_Drydock_Row
{
    protected static $table = 'keys';

    public static function of(pm_Domain $domain, $oauthClientId)
    {
        return static::create([
            'webspace' => $domain->getId(),
            'print' => md5(random_bytes(8)),
            'client_id' => $oauthClientId,
        ]);
    }
}
