<?php

class IndexController extends pm_Controller_Action
{
    public function enterAction()
    {
        $domain = pm_Session::getCurrentDomain();
        $_SESSION['foyer']['room'] = $domain->getId();
        $_SESSION['foyer']['sign'] = $domain->getDisplayName();
        $_SESSION['foyer']['token'] = bin2hex(random_bytes(16));
        $space = new Zend_Session_Namespace('foyer');
        $space->guest = pm_Session::getClient()->getId();
        $space->since = time();
        $this->_redirect('index/room');
    }

    public function roomAction()
    {
        $room = new pm_Domain($_SESSION['foyer']['room']);
        $this->view->room = $room->getName();
    }

    public function cleanAction()
    {
        $task = new Modules_Foyer_Task_Clean();
        $task->setParam('rooms', array_map('intval', (array)$this->_getParam('ids', [])));
        $task->setParam('room', pm_Session::getCurrentDomain()->getId());
        $task->setParam('mop', 'wet');
        (new pm_LongTask_Manager())->start($task);
    }

    public function wakeAction()
    {
        $task = new pm_Scheduler_Task();
        $task->setCmd('wake.php');
        $task->setArguments([pm_Session::getClient()->getId(), '--softly']);
        pm_Scheduler::getInstance()->putTask($task);
        pm_Settings::set('wake', $task->getId());
    }
}
