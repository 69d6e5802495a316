<?php

abstract class Modules_Almanac_Book_Base
{
    protected $file;

    protected function write(array $page)
    {
        file_put_contents(pm_Context::getVarDir() . $this->file, json_encode($page));
    }
}
