<?php

class Modules_LogShipper_Collector
{
    /** @return bool whether the collector took it */
    public function send($body)
    {
        $http = new Zend_Http_Client(pm_Settings::get('collector'));
        $http->setRawData(gzencode($body), 'application/gzip');
        try {
            return $http->request('POST')->isSuccessful();
        } catch (Zend_Http_Client_Exception $e) {
            pm_Log::warn($e->getMessage());
            return false;
        }
    }
}
