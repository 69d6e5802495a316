<?php

interface Modules_Parcel_Words
{
    const GLUE = '-';
    const FORMS = ['box' => 'box:%s:%d', 'bag' => 'bag:%s'];
}
