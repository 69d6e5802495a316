<?php
class Modules_Weir_Otters extends Modules_Weir_Repository
{
    protected string $table = 'otters';

    public function play(pm_Client $client, array $names)
    {
        $this->put([
            'friend' => $client->getId(),
            'pond' => count($names),
        ]);
    }
}
