<?php

class Modules_MailDigest_Letters
{
    /**
     * Puts a letter into the queue and plans the task that sends it.
     */
    public function plan($recipientId, $subject, $body)
    {
        $task = new pm_Scheduler_Task();
        $task->setCmd('send.php');
        $task->setSchedule(pm_Scheduler::$EVERY_HOUR);
        pm_Scheduler::getInstance()->putTask($task);

        $db = Modules_MailDigest_Adapter::getInstance();
        $db->insert('letters', array(
            'recipient_id' => (int)$recipientId,
            'task_id' => $task->getId(),
            'subject' => $subject,
            'body' => $body,
        ));
        return $db->lastInsertId();
    }

    public function cancel($letterId)
    {
        $db = Modules_MailDigest_Adapter::getInstance();
        $letter = $db->fetchRow('SELECT * FROM letters WHERE id = ?', array($letterId));
        if (!$letter) {
            return false;
        }
        $task = pm_Scheduler::getInstance()->getTaskById($letter['task_id']);
        pm_Scheduler::getInstance()->removeTask($task);
        return (bool)$db->delete('letters', $db->quoteInto('id = ?', $letterId));
    }
}
