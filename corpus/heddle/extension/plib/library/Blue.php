<?php

class Modules_Heddle_Blue extends Modules_Heddle_Colour
{
    const NAME = 'blue';
}
