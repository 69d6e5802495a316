<?php

class Modules_Heddle_Counts
{
    use Modules_Heddle_WritesJson;

    protected function folder()
    {
        return 'sums';
    }

    protected function key()
    {
        return 'counts';
    }

    public function build(array $names)
    {
        $all = [];
        foreach ($names as $name) {
            $all[$name] = strlen($name);
        }
        $this->write($all);
    }
}
