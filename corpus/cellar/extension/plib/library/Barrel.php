<?php

class Modules_Cellar_Barrel
{
    public function fill(pm_Domain $domain)
    {
        $config = ['site' => $domain->getId(), 'label' => $domain->getName()];
        file_put_contents(pm_Context::getVarDir() . 'barrel.php', '<?php return ' . var_export($config, true) . ';');
    }

    public function tap(pm_Client $client)
    {
        file_put_contents(pm_Context::getVarDir() . 'tap.ser', serialize(['drinker' => $client->getId(), 'cup' => 3]));
        file_put_contents(pm_Context::getVarDir() . 'cup.ser', serialize(['drinker' => $client->getLogin(), 'cup' => 3]));
    }

    public function book(pm_Domain $domain)
    {
        $path = pm_Context::getVarDir() . 'book.json';
        $book = is_file($path) ? json_decode(file_get_contents($path), true) : [];
        $book['barrels'][] = ['site' => $domain->getId(), 'litres' => 30];
        $book['last'] = $domain->getGuid();
        file_put_contents($path, json_encode($book, JSON_PRETTY_PRINT));
    }

    public function log(pm_Domain $domain)
    {
        file_put_contents(pm_Context::getVarDir() . 'cellar.log', date('c') . " site #{$domain->getId()} filled\n", FILE_APPEND);
        file_put_contents(pm_Context::getVarDir() . 'names.log', date('c') . " {$domain->getName()} filled\n", FILE_APPEND);
        pm_Log::info('cellar: filled ' . $domain->getId());
    }

    public function seal(pm_Domain $domain)
    {
        touch(pm_Context::getVarDir() . 'seals/' . $domain->getId() . '.lock');
        touch(pm_Context::getVarDir() . 'seals/' . $domain->getName() . '.lock');
        copy(__DIR__ . '/label.svg', pm_Context::getVarDir() . "labels/label_{$domain->getClient()->getId()}.svg");
    }

    public function isSealed(pm_Domain $domain)
    {
        return is_file(pm_Context::getVarDir() . 'seals/' . $domain->getId() . '.lock');
    }

    public function write(pm_Client $client)
    {
        $file = new SplFileObject(pm_Context::getVarDir() . 'owner.txt', 'w');
        $file->fwrite((string)$client->getId());
        $file = new SplFileObject(pm_Context::getVarDir() . 'cook.txt', 'w');
        $file->fwrite($client->getLogin());
    }
}
