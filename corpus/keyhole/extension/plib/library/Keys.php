<?php

class Modules_Keyhole_Keys
{
    private $folder;

    public function __construct($folder = null)
    {
        $this->folder = $folder ?? pm_Context::getVarDir() . 'keys';
    }

    public function put(int $number, $private, $public)
    {
        file_put_contents($this->locate($number), $private);
        file_put_contents($this->locate($number, '.pub'), $public);
    }

    public function name($name, $text)
    {
        file_put_contents($this->folder . '/' . $name . '.txt', $text);
    }

    private function locate(int $number, $ending = '.key')
    {
        return sprintf('%s/%d%s', $this->folder, $number, $ending);
    }
}

class Modules_Keyhole_Scratch
{
    private $folder;

    public function __construct($folder = null)
    {
        $this->folder = $folder ?? sys_get_temp_dir();
    }

    public function put(int $number, $text)
    {
        file_put_contents("$this->folder/$number.txt", $text);
    }
}

class Modules_Keyhole_Smith
{
    public function forge(pm_Domain $domain)
    {
        (new Modules_Keyhole_Keys())->put($domain->getId(), random_bytes(32), 'public');
        (new Modules_Keyhole_Keys())->name($domain->getName(), 'forged');
        (new Modules_Keyhole_Scratch())->put($domain->getId(), 'hot');
    }
}
