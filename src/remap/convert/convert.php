(static function (): void {
    $folder = rtrim((string) @VAR_DIR@, '/');
    // What each database is called in SQL, and its file.
    $databases = @DATABASES@;
    // Database, table, what declares it, what will declare it.
    $tables = @TABLES@;
    // Whose ids a column holds, the map of those, the database and the table, the column, and how it is read, quoted.
    $columns = @COLUMNS@;
    // What must hold before the ids are looked up, and what is done then. A text before a statement: what must hold if it is a question.
    $state = @STATE@;
    $steps = @STEPS@;
    // How the panel is asked for what an id becomes.
    $ask = @ASK@;
    // For each map what stands for no object, or for all of them: it stays.
    $none = @NONE@;
    $isGuid = @IS_GUID@;

    $there = array_filter($databases, static fn (string $name): bool => is_file($folder . '/' . $name));
    if ($there === []) {
        return; // A new installation has nothing to convert.
    }
    if (count($there) < count($databases)) {
        throw new RuntimeException('The ids were not converted: there is no ' . implode(', ', array_diff($databases, $there)) . '.');
    }
    $db = new PDO('sqlite:' . $folder . '/' . $databases['main']);
    $db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    $db->exec('PRAGMA busy_timeout = 10000');
    $db->exec('PRAGMA foreign_keys = OFF');
    foreach (array_slice($databases, 1, null, true) as $alias => $name) {
        $db->exec('ATTACH ' . $db->quote($folder . '/' . $name) . ' AS ' . $alias);
    }
    $one = static fn (string $sql) => $db->query($sql)->fetchColumn();
    $follow = static function (array $steps) use ($db, $one): void {
        foreach ($steps as [$what, $sql]) {
            if ($what === '') {
                $db->exec($sql);
            } elseif ((int) $one($sql) !== 1) {
                throw new RuntimeException('The ids were not converted, and nothing was changed: it does not hold that ' . $what . '.');
            }
        }
    };
    $db->exec('BEGIN IMMEDIATE');
    try {
        $found = $done = 0;
        foreach ($tables as [$alias, $table, $before, $after]) {
            $sql = $one("SELECT sql FROM $alias.sqlite_master WHERE type = 'table' AND name = " . $db->quote($table));
            $found += (int) ($sql !== false && $sql !== null);
            $done += (int) ($sql === $after && $after !== $before);
        }
        if ($found === 0 || $done === count($tables)) {
            $db->exec('ROLLBACK');
            return; // A new installation, or all of it was done already.
        }
        $follow($state);
        $missing = [];
        $ids = [];
        foreach ($columns as [$kind, $map, $table, $column, $from]) {
            $db->exec("CREATE TEMP TABLE IF NOT EXISTS $map(value PRIMARY KEY, reference TEXT NOT NULL)");
            $put = $db->prepare("INSERT OR IGNORE INTO temp.$map VALUES (:value, :reference)");
            $values = $db->query("SELECT DISTINCT typeof(t.$column), CAST(t.$column AS TEXT) COLLATE BINARY FROM $from WHERE t.$column IS NOT NULL");
            foreach ($values->fetchAll(PDO::FETCH_NUM) as [$type, $value]) {
                $value = (string) $value;
                $isNumber = preg_match('/^(0|-?[1-9][0-9]*)$/D', $value) === 1 && (string) (int) $value === $value;
                $reference = null;
                if (in_array(strtolower($value), $none[$map], true) && ($type === 'integer' || $type === 'text')) {
                    $reference = $value;
                } elseif ($isNumber && ($type === 'integer' || $type === 'text')) {
                    try {
                        $reference = (string) $ask[$kind]((int) $value);
                    } catch (Throwable $e) {
                        $reference = '';
                    }
                    if ($isGuid) {
                        $reference = strtolower($reference);
                        $good = preg_match('/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/D', $reference) === 1 && trim($reference, '0-') !== '';
                    } else {
                        $good = $reference !== '' && !in_array(strtolower($reference), $none[$map], true);
                    }
                    $other = $ids[$kind][strtolower($reference)] ?? $value;
                    $ids[$kind][strtolower($reference)] = $value;
                    $reference = $good && $other === $value ? $reference : null;
                }
                if ($reference === null) {
                    $missing[] = "$table.$column: $value";
                    continue;
                }
                $put->bindValue(':value', $type === 'integer' ? (int) $value : $value, $type === 'integer' ? PDO::PARAM_INT : PDO::PARAM_STR);
                $put->bindValue(':reference', $reference);
                $put->execute();
            }
            $put = $values = null;
        }
        if ($missing !== []) {
            throw new RuntimeException(
                'The ids were not converted, and nothing was changed: the panel has no object of its own for ' . implode(', ', array_slice($missing, 0, 20))
                . (count($missing) > 20 ? ' and ' . (count($missing) - 20) . ' more.' : '.')
            );
        }
        $follow($steps);
        $db->exec('COMMIT');
    } catch (Throwable $e) {
        try {
            $db->exec('ROLLBACK');
        } catch (Throwable $ended) {
            // SQLite took everything back by itself.
        }
        throw $e;
    }
})();
