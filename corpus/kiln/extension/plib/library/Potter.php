<?php

class Modules_Kiln_Potter
{
    private $oven;

    public function __construct(Modules_Kiln_Oven $oven)
    {
        $this->oven = $oven;
    }

    public function fire($pot, pm_Domain $domain, $heat)
    {
        $sql = "INSERT INTO " . Modules_Kiln_Oven::TABLE . " (pot, stove, heat) "
            . "VALUES ('" . SQLite3::escapeString($pot) . "', " . (int)$domain->getId() . ", " . (int)$heat . ") "
            . "ON CONFLICT (pot) DO UPDATE SET stove = excluded.stove, heat = excluded.heat";
        $this->oven->db->exec($sql);
    }

    public function break_($pot, pm_Client $client)
    {
        $ownerId = null;
        $statement = $this->oven->db->prepare('INSERT INTO ' . Modules_Kiln_Oven::SHARDS . ' (pot, owner_no, swept) VALUES (:pot, :owner, :swept)');
        $statement->bindParam(':owner', $ownerId);
        $statement->bindValue(':pot', $pot);
        $statement->bindValue(':swept', 0);
        $ownerId = $client->getId();
        $statement->execute();
    }

    public function order($pot, pm_Client $client)
    {
        $this->oven->insert('orders', array('pot' => $pot, 'bought_for' => $client->getId(), 'glaze' => $client->getLogin()));
    }

    public function archive()
    {
        $this->oven->db->exec('INSERT INTO archive (pot, hearth, heat) SELECT pot, stove, heat FROM pots WHERE heat > 900');
    }
}
