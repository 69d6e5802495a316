<?php

class Modules_Crossroads_Sign
{
    public static function paint($thing, $text)
    {
        $id = $thing instanceof pm_Client ? $thing->getId() : 0;
        if ($thing instanceof pm_Domain) {
            $id = $thing->getId();
        }
        pm_Settings::set('sign', json_encode(['for' => $id, 'text' => $text]));
    }

    public static function point(pm_Domain|pm_Client $where): void
    {
        pm_Settings::set('points-to', $where->getId());
        pm_Settings::set('pointed', $where instanceof pm_Domain ? $where->getName() : $where->getLogin());
    }

    public static function owner(pm_Domain $domain, bool $whole): void
    {
        $id = $whole ? $domain->getClient()->getId() : $domain->getId();
        file_put_contents(pm_Context::getVarDir() . 'owner.txt', $id);
    }

    public static function turn(pm_Domain $domain): void
    {
        $id = $domain->getClient()->getId();
        $login = $domain->getClient()->getLogin();
        $id = $domain->getName();
        pm_Settings::set('turned', $id);
        pm_Settings::set('login', $login);
    }

    public static function alias(pm_DomainAlias $alias): void
    {
        pm_Settings::set('alias', $alias->getId());
        pm_Settings::set('alias-of', $alias->getDomain()->getId());
        pm_Settings::set('alias-name', $alias->getName());
    }

    public static function plan(pm_Plan $plan): void
    {
        pm_Settings::set('plan-' . $plan->getId(), $plan->getName());
    }
}
