<?php

class Modules_Tidemark_Store
{
    public static function get(Modules_Tidemark_Key $key, $default = null)
    {
        $value = pm_Settings::get($key->value);
        return $value === null ? $default : $value;
    }

    public static function listed(Modules_Tidemark_Key $key): array
    {
        return json_decode((string)self::get($key, '[]'), true) ?: [];
    }
}
