<?php

class Modules_GuidNotes_CustomButtons extends pm_Hook_CustomButtons
{
    public function getButtons()
    {
        return [
            [
                'place' => self::PLACE_DOMAIN_PROPERTIES,
                'title' => pm_Locale::lmsg('note'),
                'description' => pm_Locale::lmsg('noteHint'),
                'icon' => pm_Context::getBaseUrl() . 'images/note.png',
                'link' => pm_Context::getActionUrl('index', 'add'),
                'contextParams' => true,
            ],
        ];
    }
}
