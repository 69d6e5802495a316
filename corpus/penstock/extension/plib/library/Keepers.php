<?php

class Modules_Penstock_Keepers extends Modules_Penstock_Mapper
{
    protected function table()
    {
        return 'keepers';
    }

    protected function build(array $row)
    {
        $keeper = new Modules_Penstock_Keeper();
        foreach ($row as $name => $value) {
            $keeper->$name = $value;
        }
        return $keeper;
    }
}
