<?php

/**
 * Collects for one site.
 */
class Modules_SpamReport_Report
{
    private $_domainId;
    private $_held;

    public function __construct($domainId, Modules_SpamReport_Repository_Held $held)
    {
        $this->_domainId = $domainId;
        $this->_held = $held;
    }

    public function hold($box, $sender, $score)
    {
        return $this->_held->create(array(
            'target' => $this->_domainId,
            'box' => $box,
            'sender' => $sender,
            'score' => $score,
        ));
    }

    public function site()
    {
        return new pm_Domain($this->_domainId);
    }
}
