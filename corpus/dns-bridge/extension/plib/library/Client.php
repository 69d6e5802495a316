<?php

class Modules_DnsBridge_Client
{
    const ENDPOINT = 'https://api.dns.example.net/client/v4';

    private $token;

    public function __construct($token)
    {
        $this->token = $token;
    }

    public function createZone($name, $accountId)
    {
        return $this->request('POST', '/zones', ['name' => $name, 'account' => ['id' => $accountId]]);
    }

    public function createRecord($zone_id, $type, $name, $content)
    {
        return $this->request('POST', "/zones/{$zone_id}/dns_records", ['type' => $type, 'name' => $name, 'content' => $content]);
    }

    private function request($method, $path, array $body)
    {
        $http = new Zend_Http_Client(self::ENDPOINT . $path);
        $http->setHeaders('Authorization', 'Bearer ' . $this->token);
        $http->setRawData(json_encode($body), 'application/json');
        $answer = json_decode($http->request($method)->getBody(), true);
        if (empty($answer['success'])) {
            throw new pm_Exception(isset($answer['errors'][0]['message']) ? $answer['errors'][0]['message'] : 'no answer');
        }
        return $answer['result'];
    }
}
