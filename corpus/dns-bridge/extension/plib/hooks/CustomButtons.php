<?php

class Modules_DnsBridge_CustomButtons extends pm_Hook_CustomButtons
{
    public function getButtons()
    {
        return [[
            'place' => self::PLACE_DOMAIN,
            'title' => pm_Locale::lmsg('button'),
            'link' => pm_Context::getActionUrl('index', 'zone'),
            'contextParams' => true,
        ]];
    }
}
