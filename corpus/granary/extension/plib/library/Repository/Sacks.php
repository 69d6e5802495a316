<?php

class Modules_Granary_Repository_Sacks extends Modules_Granary_Repository_Abstract
{
    protected $table = 'sacks';
}
