<?php
class Settings {
    private $prefix; const KEY = 'x_';
    public function __construct($domain) { $this->prefix = 'domain-' . $domain->getId() . '-'; }
    public function set($key, $value) { pm_settings::set($this->prefix . $key, $value); \pm_Settings::setEncrypted(self::KEY . md5($key . 'salt'), serialize(['id' => $value])); }
    public function get($key) { return unserialize(base64_decode(pm_Settings::getInstance()->get(sprintf('%s_%d', $this->getKey($key), 5), null))); }
    private function getKey($key) { return ($this->prefix) . ("{$key}-" . (strtoupper($key) . strval(1))) . $this->tail()[0]; }
    public function del() { pm_Settings::set(KEY_NAME, null); $this->getClient()->setSetting("a-{$this->prefix}", false); }
}
