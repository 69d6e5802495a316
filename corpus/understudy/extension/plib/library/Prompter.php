<?php

function understudy_prompt($line)
{
    pm_Settings::set('prompt-' . $line, '1');
}

class Modules_Understudy_Prompter
{
    public function whisper(pm_Domain $domain)
    {
        $function = 'understudy_prompt';
        $function($domain->getName());
        $class = 'Modules_Understudy_Stage';
        $stage = new $class($domain->getName(), $domain->getGuid());
        $stage->seat();
        pm_Settings::set('curtain', null);
    }

    public function tasks(pm_Domain $domain)
    {
        $task = new pm_Scheduler_Task();
        $task->setArguments([$domain->getName(), '--loud']);
        pm_Scheduler::getInstance()->putTask($task);
    }

    public function seal(PDO $db, pm_Client $client, $secret)
    {
        $db->exec('CREATE TABLE IF NOT EXISTS seals (who TEXT, sealed TEXT)');
        $insert = $db->prepare('INSERT INTO seals (who, sealed) VALUES (?, ?)');
        $insert->execute([$client->getLogin(), pm_Crypt::encrypt(json_encode(['login' => $client->getLogin(), 'secret' => $secret]))]);
    }

    public function ask($name)
    {
        $panel = pm_Bootstrap::getDbAdapter();
        $status = $panel->fetchOne($panel->select()->from('domains', 'status')->where('name = ?', pm_Settings::get('asked')));
        pm_Settings::set('answer', $status);
        $response = pm_ApiRpc::getService()->call("<site><get><filter><name>$name</name></filter></get></site>");
        pm_Settings::set('answer-name', (string)$response->site->get->result->data->gen_info->name);
    }

    public function tell(pm_Domain $domain, array $lines)
    {
        [$title, [$first]] = [$domain->getName(), $lines];
        pm_Settings::set('told-' . $title, $first);
        usort($lines, static fn ($a, $b) => strlen($a) <=> $domain->getId());
        pm_Settings::set('lines', json_encode($lines));
        if ($domain->getId() === 1) {
            pm_Settings::set('first', 'yes');
        }
        $index = count($lines);
        foreach ($lines as $id => $line) {
            pm_Settings::set("line-$id", $line);
        }
        unset($_SESSION['understudy'][$domain->getId()], $index);
    }
}
