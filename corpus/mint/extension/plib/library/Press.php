<?php

class Modules_Mint_Press
{
    private $api;

    public function __construct()
    {
        $this->api = pm_ApiRpc::getService();
    }

    public function site($name)
    {
        $response = $this->api->call("<site><add><gen_setup><name>$name</name></gen_setup></add></site>");
        $id = (int)$response->site->add->result->id;
        pm_Settings::set('coin-' . $id, 1);
        pm_Settings::set('coinState', (string)$response->site->add->result->status);
        return $id;
    }

    public function webspace($name)
    {
        $response = $this->api->call("<webspace><get><filter><name>$name</name></filter></get></webspace>");
        foreach ($response->webspace->get->result as $result) {
            pm_Settings::set('purse', json_encode(['of' => (string)$result->id, 'name' => (string)$result->data->gen_info->name]));
        }
    }

    public function customer($login)
    {
        $response = $this->api->call('<customer><get><filter><login>' . $login . '</login></filter></get></customer>');
        $customer = $response->customer->get->result;
        if ((string)$customer->status !== 'ok') {
            pm_Settings::set('refused', (int)$customer->errcode);
            return;
        }
        file_put_contents(pm_Context::getVarDir() . '/minted.json', json_encode(['customer' => (int)$customer->id]));
    }

    public function bank()
    {
        $answer = simplexml_load_string(file_get_contents('https://bank.example.com/accounts.xml'));
        pm_Settings::set('bank', (int)$answer->account->id);
        pm_Settings::set('bank-' . $answer->branch->site->id, 'open');
    }
}
