<?php

class Modules_Heddle_SiteRows extends Modules_Heddle_Rows
{
    const KEY = 'site-rows';
}
