<?php

class Modules_SieveMill_Mill
{
    private $folder;

    public function __construct()
    {
        $this->folder = rtrim(pm_Context::getVarDir(), '/') . '/';
    }

    public function queue(pm_Domain $domain)
    {
        $handle = fopen($this->folder . 'queue.txt', 'a');
        fwrite($handle, $domain->getId() . "\n");
        fclose($handle);
    }

    public function table(array $rows)
    {
        $handle = fopen($this->folder . 'owners.csv', 'w');
        foreach ($rows as $domainName => $size) {
            $domain = pm_Domain::getByName($domainName);
            fputcsv($handle, array($domain->getClient()->getId(), $domainName, $size));
        }
        fclose($handle);
        $names = fopen($this->folder . 'names.csv', 'w');
        fputcsv($names, array_keys($rows));
        fclose($names);
    }

    public function bin(pm_Domain $domain)
    {
        $bin = $this->folder . 'bins/' . $domain->getId();
        if (!is_dir($bin)) {
            mkdir($bin, 0750, true);
        }
        return $bin;
    }

    public function rotate(pm_Domain $domain)
    {
        $id = $domain->getId();
        rename("{$this->folder}sieve.log", "{$this->folder}sieve-{$id}.log");
        rename("{$this->folder}sieve.tmp", "{$this->folder}sieve-{$domain->getGuid()}.log");
    }

    public function state(pm_Client $client, $state)
    {
        $manager = new pm_ServerFileManager();
        $manager->filePutContents(pm_Context::getVarDir() . '/state.json', json_encode(array('owner' => $client->getId(), 'state' => $state)));
    }

    public function scratch(pm_Domain $domain, $text)
    {
        $file = sys_get_temp_dir() . '/sieve-' . $domain->getId() . '.tmp';
        file_put_contents($file, $text);
        file_put_contents('/tmp/mill-' . $domain->getId(), $domain->getId());
        file_put_contents($domain->getVhostSystemPath() . '/sieve-' . $domain->getId() . '.log', $text);
        file_put_contents($this->folder . 'last.txt', $text);
    }
}
