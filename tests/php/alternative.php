<?php
if (a()): b(); elseif (c()): d(); else: e(); endif;
foreach (f() as $k => list($x, $y)): g($k); endforeach;
for (h(); i(); j()): k(); endfor;
while (l()): m(); endwhile;
switch (n()): case o(): p(); endswitch;
declare(ticks=1): q(); enddeclare;
if (r()) s(); else if (t()) u(); else { v(); }
?>
<b>x()</b>
<?php w() ?>
