<?php

enum Modules_Tidemark_Key: string
{
    case Muted = 'muted';
    case Colours = 'colours';
}
