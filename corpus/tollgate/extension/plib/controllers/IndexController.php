<?php

class IndexController extends pm_Controller_Action
{
    public function closeAction()
    {
        Modules_Tollgate_Tables::close($this->_getParam('domain_id'), pm_Session::getClient());
    }
}
