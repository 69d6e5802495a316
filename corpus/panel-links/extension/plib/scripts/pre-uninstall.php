<?php
pm_Context::init('panel-links');
(new Modules_PanelLinks_Links())->dropTable();
