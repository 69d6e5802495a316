<?php
class Modules_Millrace_Keeper
{
    public function note(pm_Domain $domain, $plan)
    {
        Modules_Millrace_Query::on('ponds')->insert([
            'level' => 3,
            'water' => $domain->getId(),
        ]);
        Modules_Millrace_Query::on('journal')->insert(['water' => $domain->getName(), 'level' => 3]);
        Modules_Millrace_Cloud::on('lakes')->insert(['water' => $domain->getId()]);
    }

    public function fish($number)
    {
        $boat = Modules_Millrace_Query::on('boats')->where('number', $number)->first();
        return pm_Client::getByClientId($boat['skipper']);
    }

    public function launch($number, $skipper)
    {
        Modules_Millrace_Query::on('boats')->insert(['number' => $number, 'skipper' => $skipper]);
    }
}
