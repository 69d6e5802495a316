<?php

class Modules_Sluice_Papers
{
    public function tree()
    {
        $tree = new SimpleXMLElement('<sites/>');
        foreach (pm_Domain::getAllDomains() as $domain) {
            $site = $tree->addChild('site');
            $site->addAttribute('id', $domain->getId());
        }
        $tree->asXML(pm_Context::getVarDir() . 'tree.xml');
    }

    public function names()
    {
        $names = new SimpleXMLElement('<names/>');
        foreach (pm_Domain::getAllDomains() as $domain) {
            $names->addChild('name', $domain->getName());
        }
        $names->asXML(pm_Context::getVarDir() . 'names.xml');
    }

    public function document()
    {
        $document = new DOMDocument();
        $root = $document->appendChild($document->createElement('sites'));
        foreach (pm_Domain::getAllDomains() as $domain) {
            $root->appendChild($document->createElement('site', (string)$domain->getId()));
        }
        $document->save(pm_Context::getVarDir() . 'document.xml');
    }

    public function stream()
    {
        $writer = new XMLWriter();
        $writer->openURI(pm_Context::getVarDir() . 'stream.xml');
        foreach (pm_Domain::getAllDomains() as $domain) {
            $writer->writeElement('site', $domain->getId());
        }
        $writer->flush();
    }

    public function pack(pm_Domain $domain)
    {
        $archive = new ZipArchive();
        $archive->open(pm_Context::getVarDir() . 'pack-' . $domain->getId() . '.zip', ZipArchive::CREATE);
        $archive->close();
        $temporary = new ZipArchive();
        $temporary->open('/tmp/pack-' . $domain->getId() . '.zip', ZipArchive::CREATE);
        return new SQLite3(pm_Context::getVarDir() . 'own-' . $domain->getId() . '.sqlite');
    }
}
