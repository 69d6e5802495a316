<?php

class Modules_Penstock_Locks extends Modules_Penstock_Mapper
{
    protected function table()
    {
        return 'locks';
    }

    protected function build(array $row)
    {
        return [new pm_Domain($row['reach']), $row['width']];
    }
}
