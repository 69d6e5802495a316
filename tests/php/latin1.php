<?php
$text = 'Grüße'; umlaut($text, "ä{$o->call('ö')}"); # é
after('ß', $x->b()); /* ÿ */ last_one();
