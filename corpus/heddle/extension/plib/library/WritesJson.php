<?php

trait Modules_Heddle_WritesJson
{
    abstract protected function folder();

    abstract protected function key();

    private function path()
    {
        return pm_Context::getVarDir() . '/' . $this->folder() . '/' . $this->key() . '.json';
    }

    protected function write(array $data)
    {
        file_put_contents($this->path(), json_encode($data));
    }
}
