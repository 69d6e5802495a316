//! Tables of text.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::terminal::Terminal;

/// A table without frames, with numbers to the right from column `from` on.
pub(crate) fn table(header: &[&str], lines: Vec<Vec<String>>, from: usize, terminal: &Terminal) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_width(u16::try_from(terminal.width).unwrap_or(u16::MAX));
    table.set_header(header.to_vec());
    for line in lines {
        table.add_row(line);
    }
    for column in from..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text: String = table.lines().map(|l| format!("{}\n", l.strip_prefix(' ').unwrap_or(&l).trim_end())).collect();
    text.truncate(text.trim_end().len());
    text
}
