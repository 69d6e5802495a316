<?php

class Modules_Penstock_Panel
{
    public function hosted()
    {
        $db = pm_Bootstrap::getDbAdapter();
        $select = $db->select()->from(['h' => 'hosting'])->joinLeft(['d' => 'domains'], 'd.id = h.dom_id', ['did' => 'id', 'label' => 'name']);
        $ids = [];
        $labels = [];
        foreach ($db->query($select)->fetchAll() as $row) {
            $ids[] = $row['did'];
            $labels[] = $row['label'];
        }
        pm_Settings::set('hosted', implode(',', $ids));
        pm_Settings::set('hosted_labels', implode(',', $labels));
    }
}
