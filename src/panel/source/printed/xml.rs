//! The rows of `mysql --xml`, `plesk db -Xe` and `mysqldump --xml`, read as a stream.
//!
//! A file may hold several results, each a document of its own. There is no document type, and no entity but XML's own, in what the programs print:
//! either is refused.

use std::io::Read;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::select::Select;
use super::tame::Tame;
use super::{LONGEST_VALUE, MOST_COLUMNS, Rows, unreadable};
use crate::panel::catalogue;
use crate::panel::source::SourceError;
use crate::panel::source::packing::Packing;
use crate::panel::source::tables::{MOST_COLUMNS_WANTED, TableAt, wanted};

/// The programs nest six elements.
const DEEPEST: usize = 32;
const REFUSED_ENTITY: &str = "an entity is refused: the programs print none but XML's own";

/// Reads what `reader` gives.
pub(super) fn read(reader: impl Read, path: &str, packing: Option<Packing>) -> Result<Rows, SourceError> {
    let mut reader = Reader::from_reader(Tame::new(reader));
    let mut xml = Xml::default();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        let done = match event {
            Ok(Event::Eof) if xml.depth > 0 => Err(Flaw::Ended),
            Ok(Event::Eof) => return Ok(xml.rows),
            Ok(event) => xml.event(event),
            Err(error) => Err(Flaw::Xml(error)),
        };
        if let Err(flaw) = done {
            let (line, byte) = reader.get_ref().position();
            let overlong = reader.get_ref().overlong;
            let path = path.to_owned();
            return Err(match flaw {
                Flaw::Xml(_) if overlong => SourceError::TooLarge { path, line, what: "a tag longer than a megabyte" },
                Flaw::Xml(quick_xml::Error::Io(error)) => {
                    let error =
                        error.raw_os_error().map_or_else(|| std::io::Error::other(error.to_string()), std::io::Error::from_raw_os_error);
                    unreadable(error, &path, packing, line, byte)
                }
                Flaw::Xml(quick_xml::Error::Syntax(_)) if reader.get_ref().is_at_end() => {
                    SourceError::Truncated { path, line, byte, began: xml.began.max(1) }
                }
                Flaw::Xml(error) => SourceError::Malformed { path, line, byte, what: told(&error) },
                Flaw::Ended => SourceError::Truncated { path, line, byte, began: xml.began.max(1) },
                Flaw::Malformed(what) => SourceError::Malformed { path, line, byte, what: what.to_owned() },
                Flaw::TooMuch(what) => SourceError::TooLarge { path, line, what },
                Flaw::TableUnknown => SourceError::TableUnknown { path, line, columns: Vec::new(), tables: Vec::new() },
            });
        }
        if xml.depth == 1 {
            xml.began = reader.get_ref().position().0;
        }
    }
}

/// What is wrong, without a word of the file: a damaged one may have a secret anywhere.
fn told(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Syntax(error) => error.to_string(),
        quick_xml::Error::IllFormed(_) => "a tag is closed that is not open, or another one is".to_owned(),
        quick_xml::Error::InvalidAttr(_) => "an attribute is not written as XML asks".to_owned(),
        quick_xml::Error::Escape(_) => REFUSED_ENTITY.to_owned(),
        _ => "it is not XML as the programs print it".to_owned(),
    }
}

/// Why reading stopped.
enum Flaw {
    Xml(quick_xml::Error),
    Ended,
    Malformed(&'static str),
    TooMuch(&'static str),
    TableUnknown,
}

impl From<quick_xml::Error> for Flaw {
    fn from(error: quick_xml::Error) -> Flaw {
        Flaw::Xml(error)
    }
}

#[derive(Default)]
struct Xml {
    rows: Rows,
    depth: usize,
    /// The line where the last element began that is no other's.
    began: u64,
    database: Vec<u8>,
    /// The wanted table whose rows or columns are being read.
    table: Option<usize>,
    /// Its rows, once there is one.
    open: Option<TableAt>,
    /// The columns of the table's structure, while that is being read.
    structure: Option<Vec<Option<usize>>>,
    /// Rows are being read whose table nothing tells.
    untold: bool,
    /// A row of a wanted table is being read.
    in_row: bool,
    /// The columns that the row has: the wanted ones, and how many in all.
    named: Vec<Option<usize>>,
    cells: [Option<(usize, usize)>; MOST_COLUMNS_WANTED],
    text: Vec<u8>,
    /// A field of such a row is being read, and this one of it is kept.
    in_field: bool,
    field: Option<Field>,
}

struct Field {
    slot: usize,
    from: usize,
    hex: bool,
}

impl Xml {
    fn event(&mut self, event: Event<'_>) -> Result<(), Flaw> {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Flaw::Malformed("elements are nested deeper than any program prints them"));
                }
                self.start(&tag, false)
            }
            Event::Empty(tag) => {
                self.start(&tag, true)?;
                self.end(tag.name().0)
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag.name().0)
            }
            Event::Text(text) => self.keep(&text),
            Event::CData(text) => self.keep(&text),
            Event::GeneralRef(entity) => {
                if let Some(c) = entity.resolve_char_ref()? {
                    return self.keep(c.encode_utf8(&mut [0; 4]));
                }
                match quick_xml::escape::resolve_predefined_entity(&entity) {
                    Some(text) => self.keep(text),
                    None => Err(Flaw::Malformed(REFUSED_ENTITY)),
                }
            }
            Event::DocType(_) => Err(Flaw::Malformed("a document type is refused: the programs print none")),
            _ => Ok(()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), Flaw> {
        if self.in_field {
            return Err(Flaw::Malformed("an element stands in a field"));
        }
        if self.in_row && tag.name().0 != "field" {
            return Err(Flaw::Malformed("an element that is no field stands in a row"));
        }
        match tag.name().0 {
            "resultset" => {
                let select = attribute(tag, "statement")?.and_then(|statement| Select::of(&statement));
                self.untold = select.is_none();
                self.table = None;
                if let Some(select) = select {
                    // Results without the panel's usual name are of whatever the client was connected to.
                    let usual = select.database.eq_ignore_ascii_case(&catalogue::get().shared.database);
                    self.database = if usual { Vec::new() } else { select.database.into_bytes() };
                    self.table = wanted().table(select.table.as_bytes());
                    self.rows.restricted |= select.restricted && self.table.is_some();
                }
                self.open = None;
            }
            "database" => self.database = attribute(tag, "name")?.unwrap_or_default().into_bytes(),
            "table_structure" => {
                self.table = self.named_table(tag)?;
                self.structure = self.table.map(|_| Vec::new());
            }
            "table_data" => {
                self.table = self.named_table(tag)?;
                self.untold = false;
                self.open = None;
            }
            "row" if self.untold => return Err(Flaw::TableUnknown),
            "row" if self.table.is_some() => {
                self.in_row = true;
                self.named.clear();
                self.cells = [None; MOST_COLUMNS_WANTED];
                self.text.clear();
            }
            "field" => return self.field(tag, empty),
            _ => {}
        }
        Ok(())
    }

    fn named_table(&mut self, tag: &BytesStart<'_>) -> Result<Option<usize>, Flaw> {
        let name = attribute(tag, "name")?.ok_or(Flaw::Malformed("a table without a name"))?;
        Ok(wanted().table(name.as_bytes()))
    }

    /// A column of a table's structure, or a value of a row.
    fn field(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), Flaw> {
        let Some(table) = self.table else { return Ok(()) };
        let slot = |name: &str| wanted().tables[table].slot(name.as_bytes());
        if let Some(structure) = &mut self.structure {
            structure.push(attribute(tag, "Field")?.and_then(|name| slot(&name)));
            return if structure.len() > MOST_COLUMNS { Err(Flaw::TooMuch("more than 10000 columns in one table")) } else { Ok(()) };
        }
        if !self.in_row {
            return Ok(());
        }
        self.in_field = !empty;
        let name = attribute(tag, "name")?.ok_or(Flaw::Malformed("a field without a name"))?;
        self.named.push(slot(&name));
        if self.named.len() > MOST_COLUMNS {
            return Err(Flaw::TooMuch("more than 10000 columns in one table"));
        }
        let Some(slot) = slot(&name) else { return Ok(()) };
        if attribute(tag, "xsi:nil")?.as_deref() == Some("true") {
            return Ok(());
        }
        let hex = attribute(tag, "xsi:type")?.is_some_and(|kind| kind.ends_with("hexBinary"));
        self.cells[slot] = Some((self.text.len(), self.text.len()));
        if !empty {
            self.field = Some(Field { slot, from: self.text.len(), hex });
        }
        Ok(())
    }

    fn keep(&mut self, text: &str) -> Result<(), Flaw> {
        let Some(field) = &self.field else { return Ok(()) };
        if self.text.len() - field.from + text.len() > LONGEST_VALUE {
            return Err(Flaw::TooMuch("a name longer than a megabyte"));
        }
        self.text.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Flaw> {
        match name {
            "field" => {
                self.in_field = false;
                let Some(field) = self.field.take() else { return Ok(()) };
                if field.hex {
                    let bytes = unhex(&self.text[field.from..]).ok_or(Flaw::Malformed("a hexadecimal value with other digits"))?;
                    self.text.truncate(field.from);
                    self.text.extend_from_slice(&bytes);
                }
                self.cells[field.slot] = Some((field.from, self.text.len()));
                Ok(())
            }
            "row" if std::mem::take(&mut self.in_row) => self.row(),
            "table_structure" => {
                if let (Some(table), Some(columns)) = (self.table.take(), self.structure.take()) {
                    let at = self.rows.databases.open(&self.database, table).map_err(|much| Flaw::TooMuch(much.0))?;
                    let rows = self.rows.databases.rows(at);
                    rows.declare(&columns);
                    rows.whole = true;
                }
                Ok(())
            }
            "table_data" | "resultset" => {
                self.table = None;
                self.open = None;
                self.untold = false;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn row(&mut self) -> Result<(), Flaw> {
        let Some(table) = self.table else { return Ok(()) };
        let at = match self.open {
            Some(at) => at,
            None => self.rows.databases.open(&self.database, table).map_err(|much| Flaw::TooMuch(much.0))?,
        };
        self.open = Some(at);
        self.rows.databases.rows(at).declare(&self.named);
        let mut row = [None; MOST_COLUMNS_WANTED];
        for (cell, place) in row.iter_mut().zip(&self.cells) {
            *cell = place.map(|(from, to)| &self.text[from..to]);
        }
        let width = wanted().tables[table].columns.len();
        self.rows.databases.push(at, &row[..width]).map_err(|much| Flaw::TooMuch(much.0))
    }
}

/// The value of an attribute.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Flaw> {
    let found = tag.attributes().with_checks(false).find(|a| a.as_ref().map_or(true, |a| a.key.0 == name));
    let Some(found) = found else { return Ok(None) };
    let found = found.map_err(quick_xml::Error::from)?;
    Ok(Some(found.normalized_value(XmlVersion::Implicit1_0)?.into_owned()))
}

/// `6162` becomes `ab`.
fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
