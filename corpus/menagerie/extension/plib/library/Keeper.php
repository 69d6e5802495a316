<?php

use Plesk\SDK\Mailname;

class Modules_Menagerie_Keeper
{
    public function owls(Mailname $mailname, string $note): void
    {
        pm_Settings::set('owl-' . $mailname->getId(), $note);
        pm_Settings::set('owl-' . $mailname->getEmailAddress(), $note);
        pm_Settings::set('owl-home', $mailname->getDomain()->getId());
    }

    public function spiders(pm_Domain $domain): void
    {
        $zone = $domain->getDnsZone();
        $web = [];
        foreach ($zone->getRecordsByType('TXT') as $record) {
            $web[$record->getId()] = $record->getValue();
        }
        pm_Settings::set('web', json_encode($web));
        pm_Settings::set('spider', json_encode(['zone' => $zone->getId(), 'name' => $zone->getName()]));
    }

    public function turtle(pm_Domain $domain): void
    {
        $certificate = $domain->getHostingCertificate();
        file_put_contents(pm_Context::getVarDir() . 'turtle.json', json_encode(['shell' => $certificate->getId(), 'of' => $domain->getName()]));
        file_put_contents(pm_Context::getVarDir() . 'turtle-name.json', json_encode(['shell' => $certificate->getName()]));
    }

    public function order(Modules_Menagerie_Certificate $certificate): void
    {
        pm_Settings::set('order', $certificate->getId());
        pm_Settings::set('order-' . $certificate->zone()->getId(), '1');
    }

    public function bats(): void
    {
        $panel = pm_Bootstrap::getDbAdapter();
        foreach ($panel->fetchAll('SELECT id, name, db_server_id FROM data_bases') as $row) {
            pm_Settings::set('bat-' . $row['id'], '1');
            pm_Settings::set('bat-' . $row['name'], '1');
        }
        $users = $panel->fetchPairs('SELECT id, login FROM smb_users');
        foreach ($users as $id => $login) {
            pm_Settings::set("user:$id", '1');
            pm_Settings::set("login:$login", '1');
        }
        $mail = $panel->fetchRow('SELECT m.id, m.mail_name, d.name FROM mail AS m JOIN domains AS d ON d.id = m.dom_id LIMIT 1');
        pm_Settings::set('first-mail', $mail['id']);
        pm_Settings::set('first-mail-name', $mail['mail_name'] . '@' . $mail['name']);
    }

    public function doe(string $guid): ?pm_DomainAlias
    {
        $id = pm_Settings::get('doe');
        $other = pm_Domain::getByGuid($guid);
        pm_Settings::set('doe-seen', $other->getName());
        return $id ? new pm_DomainAlias($id) : null;
    }
}
