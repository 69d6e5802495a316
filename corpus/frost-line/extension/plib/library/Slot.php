<?php

namespace PleskExt\FrostLine;

enum Slot: string
{
    case Theme = 'theme-';
    case Banner = 'banner';
    case Last = 'last_seen';

    const WELCOME = self::Banner;
}
