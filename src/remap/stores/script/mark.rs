//! The mark of a run, in SQL.

use std::fmt::Write as _;

use super::{Table, hex};
use crate::panel::change::Mark;
use crate::panel::evidence::Marked;

fn condition(table: &Table, mark: &Mark) -> String {
    format!("{} = @reguid_module AND {} = {}", table.owner, table.name_is, hex(Some(&mark.name)))
}

/// Refuses to do once more what the mark says was done; and with `rows`, which cannot be looked at again one by one, a table of settings that would keep the mark
/// without them.
pub(super) fn compare(text: &mut String, module: &str, mark: &Mark, rows: bool) {
    let Some(table) = Table::of(None, module) else { return };
    let again = match mark.says {
        Marked::Done => String::new(),
        // The extension may have cleared its settings, and the mark with them.
        Marked::TakenBack => format!(" AND {} = {}", table.value_is, hex(Some(mark.value().as_bytes()))),
    };
    let (condition, name) = (condition(&table, mark), hex(Some(table.called.to_lowercase().as_bytes())));
    let kept = if rows { "\n  AND ENGINE IN ('InnoDB', 'RocksDB', 'TokuDB')" } else { "" };
    let _ = write!(
        text,
        "SET @reguid_found = NULL;\nSET @reguid_marked = NULL;\nSET @reguid_kept = NULL;\n\
         SELECT COUNT(*) INTO @reguid_found FROM {0} s WHERE {condition}{again} FOR UPDATE;\n\
         SELECT COUNT(*) INTO @reguid_marked FROM {0} s WHERE {condition} FOR UPDATE;\n\
         SELECT COUNT(*) INTO @reguid_kept FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND LOWER(TABLE_NAME) = CONVERT({name} USING utf8mb4){kept};\n\
         SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_found = 0 AND @reguid_marked <= 1 AND @reguid_kept = 1, 1, 0);\n",
        table.table
    );
}

/// Lets the mark say what it is to say.
pub(super) fn write(text: &mut String, module: &str, mark: &Mark) {
    let Some(table) = Table::of(None, module) else { return };
    let (value, name) = (hex(Some(mark.value().as_bytes())), hex(Some(&mark.name)));
    let condition = condition(&table, mark);
    let _ = write!(
        text,
        "UPDATE {0} s SET {1} = CONVERT({value} USING utf8mb4) WHERE @reguid_ok = 1 AND {condition};\n\
         INSERT INTO {0} ({2}) SELECT @reguid_module, CONVERT({name} USING utf8mb4), CONVERT({value} USING utf8mb4) FROM (SELECT 1) one\n\
         \x20 WHERE @reguid_ok = 1 AND @reguid_marked = 0;\n\
         SET @reguid_found = NULL;\nSELECT COUNT(*) INTO @reguid_found FROM {0} s WHERE {condition} AND {3} = {value};\n\
         SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_found = 1, 1, 0);\n",
        table.table, table.value, table.columns, table.value_is
    );
}
