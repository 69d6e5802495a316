//! A generated extension: the same files at every run, in the idioms of real ones.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// How many PHP files the extension has.
pub(crate) const FILES: usize = 2_000;

const NOUNS: [&str; 16] = [
    "Domain",
    "Client",
    "Report",
    "Backup",
    "Mailbox",
    "Certificate",
    "Scan",
    "Quota",
    "Alias",
    "Schedule",
    "Session",
    "Plan",
    "Zone",
    "Record",
    "Token",
    "Usage",
];
const FIELDS: [&str; 16] = [
    "domain_id",
    "client_id",
    "owner_id",
    "created_at",
    "status",
    "payload",
    "name",
    "subscription_id",
    "attempts",
    "message",
    "path",
    "size",
    "checksum",
    "guid",
    "enabled",
    "position",
];

/// A generator of numbers that needs nothing but its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// Writes the extension into `root`, and gives the bytes of PHP in it.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn generate(root: &Path) -> io::Result<u64> {
    std::fs::create_dir_all(root.join("plib/library"))?;
    std::fs::write(
        root.join("meta.xml"),
        "<?xml version=\"1.0\"?>\n<module>\n  <id>generated</id>\n  <name>Generated</name>\n  <version>1.0.0</version>\n  <release>1</release>\n</module>\n",
    )?;
    let mut bytes = 0;
    for noun in NOUNS {
        let text = base_class(noun);
        bytes += text.len() as u64;
        std::fs::write(root.join(format!("plib/library/{noun}.php")), text)?;
    }
    for number in 0..FILES - NOUNS.len() {
        let folder = root.join(format!("plib/library/Part{:02}", number / 50));
        if number % 50 == 0 {
            std::fs::create_dir_all(&folder)?;
        }
        let text = php_file(number);
        bytes += text.len() as u64;
        std::fs::write(folder.join(format!("Class{number}.php")), text)?;
    }
    Ok(bytes)
}

/// The class that a sixteenth of the others extend: a gateway with its own table, and the lookups that they inherit.
fn base_class(noun: &str) -> String {
    let table = format!("{}_base", noun.to_lowercase());
    format!(
        "<?php\n// Copyright. Generated for measurements.\n\nabstract class Modules_Generated_{noun}\n{{\n    protected $_manager;\n    protected $_log;\n    private static $_connection = null;\n\n    public static function connection()\n    {{\n        if (null === self::$_connection) {{\n            self::$_connection = new PDO('sqlite:' . pm_Context::getVarDir() . '/generated.db');\n            self::$_connection->exec('CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, value TEXT)');\n        }}\n        return self::$_connection;\n    }}\n\n    public function remember(pm_Domain $domain, $value = null)\n    {{\n        $statement = self::connection()->prepare('INSERT INTO {table} (domain_id, value) VALUES (?, ?)');\n        $statement->execute([$domain->getId(), $value]);\n        return $this;\n    }}\n\n    public function recall($domainId)\n    {{\n        $statement = self::connection()->prepare('SELECT domain_id, value FROM {table} WHERE domain_id = :domain');\n        $statement->execute([':domain' => $domainId]);\n        return $statement->fetch(PDO::FETCH_ASSOC);\n    }}\n\n    public function domain($domainId)\n    {{\n        return pm_Domain::getByDomainId($domainId);\n    }}\n}}\n"
    )
}

/// The text of PHP file `number`.
fn php_file(number: usize) -> String {
    let mut random = Random(number as u64 + 1);
    let noun = random.of(&NOUNS);
    let mut out = format!(
        "<?php\n// Copyright. Generated for measurements.\n\nclass Modules_Generated_Part{:02}_Class{number} extends Modules_Generated_{noun}\n{{\n    const TABLE = '{}_{number}';\n\n    private $_db;\n    protected static $_instances = array();\n\n",
        number / 50,
        noun.to_lowercase(),
    );
    for method in 0..6 {
        let write = random.below(9);
        method_text(&mut out, &mut random, method, write).expect("a String takes everything");
    }
    let other = random.below(FILES - NOUNS.len());
    out.push_str(&calls(number, other));
    out.push_str("}\n");
    out
}

/// Methods that every class has, so that the others can call them: this one calls those of class `other`.
fn calls(number: usize, other: usize) -> String {
    let part = other / 50;
    format!(
        "    public function prepare(pm_Domain $domain)\n    {{\n        $other = new Modules_Generated_Part{part:02}_Class{other}($this->_db);\n        $other->remember($domain, 'class-{number}');\n        return $other->store($domain->getId(), pm_Settings::get('last-{number}'));\n    }}\n\n    public function store($id, $value)\n    {{\n        $row = $this->recall($id);\n        $this->_db->prepare('UPDATE changes SET value = ? WHERE domain_id = ?')->execute([$value, $row['domain_id']]);\n        return Modules_Generated_Part{part:02}_Class{other}::key($row['domain_id']);\n    }}\n\n    public static function key($id)\n    {{\n        return 'class-{number}-' . $id;\n    }}\n"
    )
}

fn method_text(out: &mut String, random: &mut Random, number: usize, which: usize) -> std::fmt::Result {
    let (a, b, c) = (random.of(&FIELDS), random.of(&FIELDS), random.of(&FIELDS));
    let (noun, n) = (random.of(&NOUNS), random.below(1000));
    let verb = random.of(&["load", "save", "check", "find", "update", "import", "export", "refresh"]);
    writeln!(
        out,
        "    /**\n     * {verb}s the {noun} of the given object, and everything that belongs to it.\n     *\n     * @param pm_Domain $domain\n     * @param array $options\n     * @return array|null\n     */\n    public function {verb}{noun}{number}(pm_Domain $domain, array $options = array())\n    {{"
    )?;
    match which {
        0 => writeln!(
            out,
            "        $this->_db->exec(\"CREATE TABLE IF NOT EXISTS {noun}_{n} (\n            id INTEGER PRIMARY KEY AUTOINCREMENT,\n            {a} INTEGER NOT NULL,\n            {b} VARCHAR(255) DEFAULT '',\n            x_{c} TEXT,\n            UNIQUE ({a})\n        )\");\n        $statement = $this->_db->prepare('INSERT INTO {noun}_{n} ({a}, {b}) VALUES (:{a}, :{b})');\n        $statement->bindValue(':{a}', $domain->getId(), PDO::PARAM_INT);\n        $statement->bindValue(':{b}', isset($options['{b}']) ? $options['{b}'] : null);\n        if (!$statement->execute()) {{\n            throw new pm_Exception('Unable to store: ' . implode(', ', $statement->errorInfo()));\n        }}\n        return $this->_db->lastInsertId();"
        ),
        1 => writeln!(
            out,
            "        $data = [\n            '{a}' => $domain->getId(),\n            '{b}' => (string)$options['{b}'],\n            '{c}' => json_encode(['id' => $domain->getId(), 'name' => $domain->getName(), 'time' => time() + {n}]),\n        ];\n        $this->_db->insert(self::TABLE, $data);\n        $this->_db->update(self::TABLE, ['{c}' => $data['{c}']], $this->_db->quoteInto('{a} = ?', $data['{a}']));\n        return array_merge($options, $data);"
        ),
        2 => writeln!(
            out,
            "        $key = 'generated-{a}-' . $domain->getId();\n        $value = pm_Settings::get($key, '{n}');\n        foreach (explode(',', $value) as $index => $id) {{\n            if ($id === '' || !is_numeric($id)) {{\n                continue;\n            }}\n            $other = new pm_Domain((int)$id);\n            pm_Settings::set(\"{b}_{{$id}}_$index\", serialize(array('name' => $other->getName(), 'at' => date('Y-m-d H:i:s'))));\n            $this->_log->info(sprintf('%s: %d of %d', $other->getDisplayName(), $index + 1, count($options)));\n        }}\n        return null;"
        ),
        3 => writeln!(
            out,
            "        $sql = \"SELECT t.id, t.{a}, t.{b}, COUNT(*) AS total\n            FROM {noun}_{n} t\n            LEFT JOIN details d ON d.{a} = t.id\n            WHERE t.{a} = :id AND t.{b} IN (\" . implode(',', array_fill(0, count($options), '?')) . \")\n            GROUP BY t.{c} ORDER BY t.id DESC LIMIT {n}\";\n        $rows = $this->_db->fetchAll($sql, array('id' => $domain->getId()));\n        $result = array();\n        foreach ($rows as $row) {{\n            $result[$row['{a}']][] = array('id' => (int)$row['id'], 'label' => htmlspecialchars($row['{b}']), 'total' => $row['total'] * 100 / max(1, {n}));\n        }}\n        return $result;"
        ),
        4 => writeln!(
            out,
            "        $xml = <<<XML\n<packet>\n    <site>\n        <get>\n            <filter><id>{{$domain->getId()}}</id></filter>\n            <dataset><{a}/></dataset>\n        </get>\n    </site>\n</packet>\nXML;\n        $response = pm_ApiRpc::getService()->call($xml);\n        if (isset($response->site->get->result->errcode) && $response->site->get->result->errcode != {n}) {{\n            return array('status' => 'error', 'text' => (string)$response->site->get->result->errtext);\n        }}\n        $id = (int)$response->site->get->result->id;\n        return $id > 0 ? array('{a}' => $id, '{b}' => \"{{$domain->getName()}} ($id)\") : null;"
        ),
        5 => writeln!(
            out,
            "        $path = pm_Context::getVarDir() . DIRECTORY_SEPARATOR . '{a}' . DIRECTORY_SEPARATOR . \"{b}-{{$domain->getId()}}.json\";\n        if (!is_dir(dirname($path)) && !mkdir(dirname($path), 0750, true)) {{\n            throw new Exception(\"Cannot create {{$path}}: {n}\");\n        }}\n        $state = file_exists($path) ? json_decode(file_get_contents($path), true) : [];\n        $state['pending'][$domain->getId()] = ['{c}' => $options['{c}'] ?? {n}, 'guid' => $domain->getGuid()];\n        file_put_contents($path, json_encode($state, JSON_PRETTY_PRINT));\n        return array_keys($state['pending']);"
        ),
        6 => writeln!(
            out,
            "        $domains = array_filter(pm_Domain::getAllDomains(), function ($item) use ($domain, $options) {{\n            return $item->getId() != $domain->getId() && !in_array($item->getName(), $options);\n        }});\n        usort($domains, fn($a, $b) => strcmp($a->getName(), $b->getName()));\n        $ids = array_map(static function (pm_Domain $item) {{ return $item->getId(); }}, $domains);\n        switch (count($ids)) {{\n            case 0:\n                return null;\n            case 1:\n                return ['{a}' => reset($ids)];\n            default:\n                $this->{b} = $ids;\n                return $this->{verb}All($ids, {n}, self::$_instances);\n        }}"
        ),
        7 => writeln!(
            out,
            "        $helper = new Modules_Generated_Part{:02}_Class{n}($this->_db);\n        $list = [];\n        foreach ($this->recall($domain->getId()) as $key => $id) {{\n            $list[$key] = ['{a}' => $id, '{b}' => $helper->domain($id)->getName()];\n            $this->remember($helper->domain($id), $list[$key]['{b}']);\n        }}\n        pm_Settings::set('{c}', json_encode($list));\n        return $this->prepare($domain) ? $list : null;",
            n / 50
        ),
        _ => writeln!(
            out,
            "        $task = new Modules_Generated_Task_{noun}();\n        $task->setParams(['{a}' => $domain->getId(), '{b}' => $options]);\n        try {{\n            $this->_manager->start($task, $domain);\n            $row = $this->createRow();\n            $row->{a} = $domain->getId();\n            $row->{b} = empty($options['{b}']) ? '{n}' : trim($options['{b}']);\n            $row->save();\n        }} catch (pm_Exception $e) {{\n            pm_Log::err($e->getMessage() . ' in ' . __METHOD__ . ':' . __LINE__);\n            return false;\n        }}\n        return ['task' => $task->getInstanceId(), 'row' => $row->toArray(), 'done' => true && {n} > 0];"
        ),
    }?;
    out.push_str("    }\n\n");
    Ok(())
}
