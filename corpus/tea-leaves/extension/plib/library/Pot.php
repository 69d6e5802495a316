<?php

class Modules_TeaLeaves_Pot
{
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'tea.db');
        $this->db->exec(file_get_contents(pm_Context::getPlibDir() . 'resources/tables.sql'));
    }

    public function wish($dom_id, $wish)
    {
        $this->db->prepare('INSERT INTO wishes (dom_id, wish) VALUES (?, ?)')->execute([$dom_id, $wish]);
    }

    public function pin($place, $text)
    {
        $this->db->prepare('INSERT INTO pins (place, text) VALUES (?, ?)')->execute([$place, $text]);
    }

    public function order($name, $leaf)
    {
        $this->db->prepare('INSERT INTO customers (name) VALUES (?)')->execute([$name]);
        $customerId = $this->db->lastInsertId();
        $this->db->prepare('INSERT INTO orders (customer_id, leaf) VALUES (?, ?)')->execute([$customerId, $leaf]);
    }

    public function paid(array $event)
    {
        $insert = $this->db->prepare('INSERT INTO stripe_payments (subscription_id, customer_id, plan_id, cents) VALUES (?, ?, ?, ?)');
        $insert->execute([$event['subscription'], $event['customer'], $event['plan'], (int)$event['amount']]);
    }

    public function menu()
    {
        return $this->db->query('SELECT item_id, owner_id, price FROM menu')->fetchAll(PDO::FETCH_ASSOC);
    }

    public function strongest()
    {
        return $this->db->query('SELECT site_name, max(grams) FROM pours')->fetch();
    }
}
