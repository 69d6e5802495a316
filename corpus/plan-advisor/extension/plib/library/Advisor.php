<?php

namespace PleskExt\PlanAdvisor;

use Plesk\SDK\Mailname;

class Advisor
{
    private \PDO $pdo;

    public function __construct()
    {
        $this->pdo = new \PDO('sqlite:' . \pm_Context::getVarDir() . Schema::FILE);
        $this->pdo->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
        array_map([$this->pdo, 'exec'], Schema::statements());
    }

    public function advise(\pm_Domain $domain, \pm_Plan $now, ?\pm_Plan $better): void
    {
        $statement = $this->pdo->prepare('INSERT INTO advice (webspace_id, plan_id, better, given_at) VALUES (:webspace, :plan, :better, :at)');
        $statement->bindValue(':webspace', (int)$domain->getProperty('webspace_id') ?: $domain->getId());
        $statement->bindValue(':plan', $now->getId());
        $statement->bindValue(':better', $better ? $better->getId() : null);
        $statement->bindValue(':at', date('c'));
        $statement->execute();
    }

    public function aliasTraffic(\pm_DomainAlias $alias, string $month, int $bytes): void
    {
        $this->pdo->prepare('REPLACE INTO alias_traffic (alias_id, month, bytes) VALUES (?, ?, ?)')->execute([$alias->getId(), $month, $bytes]);
    }

    public function boxSize(Mailname $box, int $bytes): void
    {
        $statement = $this->pdo->prepare('INSERT INTO box_sizes (mailId, bytes) VALUES (:box, :bytes) ON CONFLICT (mailId) DO UPDATE SET bytes = :bytes');
        $statement->execute(['box' => (string)$box->getId(), 'bytes' => $bytes]);
    }

    public function price(int $list, string $package): void
    {
        $this->pdo->prepare('REPLACE INTO prices (price_list_id, package_id) VALUES (?, ?)')->execute([$list, $package]);
    }
}
