<?php

class Modules_Kiln_Oven
{
    const TABLE = 'pots';
    const SHARDS = 'shards';

    public $db;

    private static $columns = array(
        'pot' => 'TEXT',
        'bought_for' => 'INTEGER',
        'glaze' => 'TEXT',
    );

    public function __construct()
    {
        $this->db = new SQLite3(self::path());
        $sql = 'CREATE TABLE IF NOT EXISTS ' . self::TABLE . ' (pot TEXT PRIMARY KEY, '
            . 'stove INTEGER NOT NULL, '
            . 'heat INTEGER)';
        $this->db->exec($sql);
        $this->db->exec(<<<'SQL'
            CREATE TABLE IF NOT EXISTS shards (
                shard_id INTEGER PRIMARY KEY,
                pot TEXT,
                owner_no INTEGER,
                swept INTEGER
            )
SQL
        );
        $this->db->exec('CREATE TABLE IF NOT EXISTS orders (pot TEXT)');
        foreach (self::$columns as $column => $type) {
            if ($column != 'pot') {
                @$this->db->exec('ALTER TABLE orders ADD COLUMN ' . $column . ' ' . $type);
            }
        }
        $this->db->exec("CREATE TABLE IF NOT EXISTS archive (pot TEXT, hearth INTEGER, heat INTEGER)");
    }

    public static function path()
    {
        return pm_Context::getVarDir() . DIRECTORY_SEPARATOR . 'kiln.sqlite';
    }

    public function insert($table, array $row)
    {
        $columns = implode(', ', array_keys($row));
        $marks = implode(', ', array_fill(0, count($row), '?'));
        $statement = $this->db->prepare("INSERT INTO $table ($columns) VALUES ($marks)");
        foreach (array_values($row) as $i => $value) {
            $statement->bindValue($i + 1, $value);
        }
        return $statement->execute();
    }
}
