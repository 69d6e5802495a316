<?php

class Modules_Postbox_CustomButtons extends pm_Hook_CustomButtons
{
    public function getButtons()
    {
        return [[
            'place' => self::PLACE_DOMAIN,
            'title' => 'Postbox',
            'link' => pm_Context::getBaseUrl() . 'index.php',
            'contextParams' => true,
            'visibility' => [$this, 'isVisible'],
        ]];
    }

    public function isVisible(array $options)
    {
        $domain = pm_Domain::getByDomainId($options['site_id']);
        file_put_contents(pm_Context::getVarDir() . 'seen.json', json_encode(['last' => $options['site_id']]));
        file_put_contents(pm_Context::getVarDir() . 'seen-name.json', json_encode(['last' => $domain->getName()]));
        return $domain->hasHosting();
    }
}
