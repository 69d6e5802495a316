<?php

/**
 * Looks for the version files of the systems that we know.
 */
class Modules_CmsCatalog_Scanner
{
    private static $marks = [
        'grav' => ['system/defines.php', '~GRAV_VERSION\', \'([\d.]+)~'],
        'typo3' => ['typo3/sysext/core/ext_emconf.php', '~\'version\' => \'([\d.]+)~'],
    ];

    public function scan(pm_Domain $domain)
    {
        Modules_CmsCatalog_Db::adapter();
        $manager = new pm_FileManager($domain->getId());
        $root = $domain->getDocumentRoot();
        $found = [];
        foreach (self::$marks as $product => list($file, $pattern)) {
            $path = $root . '/' . $file;
            if (!$manager->fileExists($path)) {
                continue;
            }
            $version = preg_match($pattern, $manager->fileGetContents($path), $m) ? $m[1] : null;
            $found[] = ['path' => $path, 'product' => $product, 'version' => $version];
        }

        $domains = new Modules_CmsCatalog_Table_Domains();
        $row = $domains->forDomain($domain);
        $row->scanned_at = date('Y-m-d H:i:s');
        $row->save();
        (new Modules_CmsCatalog_Table_Installations())->replaceAll($row, $found);
        return $found;
    }
}
