<?php

class Modules_Dovecote_Loft
{
    /**
     * @param pm_Domain[] $domains
     * @param Modules_Dovecote_Dove[] $doves
     */
    public function count(array $domains, array $doves)
    {
        foreach ($domains as $domain) {
            pm_Settings::set('nest-' . $domain->getId(), '1');
        }
        foreach ($doves as $dove) {
            pm_Settings::set('dove-' . $dove->homeId(), '1');
        }
    }

    /**
     * @return pm_Client|null
     */
    private function keeper()
    {
        return $this->find();
    }

    private function find()
    {
        return Zend_Registry::get('dovecote-keeper');
    }

    public function keep(?pm_Domain $domain, $fallback = null)
    {
        $keeper = $this->keeper();
        pm_Settings::set('keeper', $keeper ? $keeper->getId() : '');
        $id = $domain?->getId() ?? $fallback;
        pm_Settings::set('perch', $id);
        $label = $domain?->getName() ?? 'none';
        pm_Settings::set('label', $label);
    }

    public function feed($id = null)
    {
        $id = $id ?: pm_Session::getClient()->getId();
        pm_Settings::set('fed-' . $id, 'corn');
        static $rounds = 0;
        pm_Settings::set('rounds', ++$rounds);
    }

    public function open()
    {
        /** @var pm_Domain $site */
        $site = Zend_Registry::get('site');
        pm_Settings::set('open:' . $site->getId(), '1');
        /** @var Modules_Dovecote_Dove $site2 */
        $site2 = Zend_Registry::get('dove');
        pm_Settings::set('open:' . $site2->homeId(), '1');
    }
}
