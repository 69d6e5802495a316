<?php

class Modules_Penstock_Seat
{
    public $place;
    public $label;

    public function domain()
    {
        return new pm_Domain($this->place);
    }

    public static function all()
    {
        $statement = Modules_Penstock_Db_Link::pdo()->query('SELECT place, label FROM seats');
        return $statement->fetchAll(PDO::FETCH_CLASS, self::class);
    }
}
