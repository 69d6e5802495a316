<?php

class IndexController extends pm_Controller_Action
{
    public function muteAction()
    {
        $muted = Modules_Tidemark_Store::listed(Modules_Tidemark_Key::Muted);
        $muted[] = (int)$this->_getParam('which');
        pm_Settings::set(Modules_Tidemark_Key::Muted->value, json_encode($muted));

        $colours = Modules_Tidemark_Store::listed(Modules_Tidemark_Key::Colours);
        $colours[] = (int)$this->_getParam('colour');
        pm_Settings::set(Modules_Tidemark_Key::Colours->value, json_encode($colours));
    }

    public function listAction()
    {
        $muted = Modules_Tidemark_Store::listed(Modules_Tidemark_Key::Muted);
        $colours = Modules_Tidemark_Store::listed(Modules_Tidemark_Key::Colours);
        foreach (pm_Domain::getAllDomains() as $domain) {
            if (!in_array($domain->getId(), $muted) && in_array(count($muted), $colours)) {
                Modules_Tidemark_Config::set('shown', time(), $domain->getId());
                Modules_Tidemark_Config::mark('drawn', $domain->getId());
            }
        }
        Modules_Tidemark_Config::flagged('flag', $domain);
        pm_Settings::set(Modules_Tidemark_Config::owned('own', $domain), '1');
        Modules_Tidemark_Config::wide(['n' => $domain->getId(), 'owner' => $domain->getId()], $domain);
        Modules_Tidemark_Config::both('both', $domain);
        Modules_Tidemark_Config::filled('filled', $domain);
        Modules_Tidemark_Config::flagged($this->_getParam('word'), $domain, $this->_getParam('all'));
        Modules_Tidemark_Config::set('round', time());
        Modules_Tidemark_Config::mark('done');
    }

    public function rowsAction()
    {
        $names = [];
        foreach (self::rows('SELECT id, name FROM domains') as [$id, $name]) {
            $site = new pm_Domain((int)$id);
            $names[] = $name . $site->getGuid();
        }
        file_put_contents(pm_Context::getVarDir() . '/names.json', json_encode($names));
    }

    private static function rows($sql)
    {
        return array_map(fn ($line) => explode("\t", $line), explode("\n", shell_exec('plesk db -Ne ' . escapeshellarg($sql))));
    }
}
