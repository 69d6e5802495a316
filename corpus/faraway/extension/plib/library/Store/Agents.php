<?php

class Modules_Faraway_Store_Agents
{
    private $db;

    public function __construct(Modules_Faraway_Store_Paths $paths)
    {
        $this->db = new PDO('sqlite:' . $paths->agents());
        $files = glob(__DIR__ . '/../../resources/sql/*.sql');
        usort($files, function ($a, $b) {
            return version_compare(basename($a, '.sql'), basename($b, '.sql'));
        });
        foreach ($files as $file) {
            $this->db->exec(file_get_contents($file));
        }
    }

    public function add(array $answer, $position)
    {
        $insert = $this->db->prepare('INSERT INTO agents (uuid, machineId, hostUuid, agent_tokenid, position) VALUES (?, ?, ?, ?, ?)');
        $insert->execute([$answer['uuid'], $answer['machine']['id'], $answer['host']['id'], $answer['token']['id'], $position]);
    }

    public function watch($agent, pm_Domain $domain)
    {
        $insert = $this->db->prepare('INSERT INTO watched (agent, whose, under) VALUES (:agent, :whose, :under)');
        $insert->execute(['agent' => $agent, 'whose' => $domain->getId(), 'under' => $domain->getClient()->getId()]);
    }

    public function file($agent, $path, $content)
    {
        $insert = $this->db->prepare('INSERT INTO files (path_id, agent, part_no) VALUES (?, ?, ?)');
        foreach (str_split($content, 4096) as $id => $part) {
            $insert->execute([md5($path . $id), $agent, $id]);
        }
    }
}
