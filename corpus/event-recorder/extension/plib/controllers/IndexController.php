<?php

class IndexController extends pm_Controller_Action
{
    protected $_accessLevel = 'admin';

    public function indexAction()
    {
        $journal = new Modules_EventRecorder_Journal();
        $this->view->events = array_map(function ($row) {
            $row['at'] = date('Y-m-d H:i', $row['at']);
            return $row;
        }, $journal->last(100));
    }
}
