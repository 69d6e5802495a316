<?php

/**
 * Jobs, their runs, and what the panel calls them.
 */
class Modules_NightJobs_Jobs
{
    private $db;

    public function __construct()
    {
        $this->db = new SQLite3(pm_Context::getVarDir() . 'jobs.db');
        $this->db->exec('CREATE TABLE IF NOT EXISTS jobs (
            job_id       TEXT PRIMARY KEY,
            task_id      TEXT,
            button_id    INTEGER,
            extension_id TEXT,
            queue_id     INTEGER NOT NULL DEFAULT 1
        )');
        $this->db->exec('CREATE TABLE IF NOT EXISTS runs (
            run_id  INTEGER PRIMARY KEY,
            job_id  TEXT NOT NULL REFERENCES jobs (job_id),
            owner   TEXT,
            ref     TEXT,
            pid     INTEGER
        )');
    }

    public function add(Modules_NightJobs_Job $job, pm_Scheduler_Task $task, pm_Extension $extension)
    {
        $insert = $this->db->prepare('INSERT INTO jobs (job_id, task_id, extension_id) VALUES (:job, :task, :extension)');
        $insert->bindValue(':job', $job->getId());
        $insert->bindValue(':task', $task->getId());
        $insert->bindValue(':extension', $extension->getId());
        $insert->execute();
    }

    public function started(Modules_NightJobs_Job $job, pm_Client $client, pm_Domain $domain)
    {
        $insert = $this->db->prepare('INSERT INTO runs (job_id, owner, ref, pid) VALUES (:job, :owner, :ref, :pid)');
        $insert->bindValue(':job', $job->getId());
        $insert->bindValue(':owner', $client->getLogin());
        $insert->bindValue(':ref', $domain->getGuid());
        $insert->bindValue(':pid', getmypid());
        $insert->execute();
    }

    public function button($jobId, $buttonId)
    {
        $update = $this->db->prepare('UPDATE jobs SET button_id = :button WHERE job_id = :job');
        $update->bindValue(':button', $buttonId);
        $update->bindValue(':job', $jobId);
        $update->execute();
    }
}
