<?php

class Modules_Slipway_ActiveList extends pm_Hook_ActiveList
{
    public function getItemServices($controller, $action, $itemId)
    {
        pm_Settings::set('shown_' . $itemId, date('c'));
        pm_Settings::set('shown_in_' . $controller, date('c'));
        return [['title' => 'Slipway', 'link' => pm_Context::getActionUrl('index', 'berth') . '?id=' . $itemId]];
    }
}
