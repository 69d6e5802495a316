<?php

class Modules_Heddle_Red extends Modules_Heddle_Colour
{
    const NAME = 'red';
}
