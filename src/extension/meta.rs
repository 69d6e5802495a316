//! `meta.xml`: the extension's id.

use quick_xml::Reader;
use quick_xml::events::Event;

/// What `meta.xml` says, as far as it is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Meta {
    /// `<module><id>`.
    pub(super) id: Option<String>,
    /// Why it could not be read to its end. What stood before is kept.
    pub(super) flaw: Option<String>,
}

/// Reads `meta.xml`. Bytes that are not UTF-8 are replaced; entities other than XML's own are left out.
pub(super) fn read(bytes: &[u8]) -> Meta {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut reader = Reader::from_str(&text);
    let mut depth = 0_usize;
    let mut in_id = false;
    let mut id = String::new();
    let mut meta = Meta::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                in_id = depth == 2 && meta.id.is_none() && tag.local_name().into_inner() == "id";
            }
            Ok(Event::End(_)) => {
                if in_id && depth == 2 {
                    in_id = false;
                    meta.id = Some(std::mem::take(&mut id).trim().to_owned()).filter(|id| !id.is_empty());
                }
                depth = depth.saturating_sub(1);
            }
            Ok(Event::Text(text)) if in_id => id.push_str(&text),
            Ok(Event::CData(text)) if in_id => id.push_str(&text),
            Ok(Event::GeneralRef(entity)) if in_id => {
                id.push_str(quick_xml::escape::resolve_predefined_entity(&entity).unwrap_or_default())
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(usize::MAX).min(text.len());
                let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
                meta.flaw = Some(format!("line {line}: {error}"));
                return meta;
            }
        }
    }
    if depth > 0 {
        meta.flaw = Some("the file ends inside of an element".to_owned());
    } else if meta.id.is_none() {
        meta.flaw = Some("it has no <id>".to_owned());
    }
    meta
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_and_flaws_are_told() {
        let id = |text: &str| read(text.as_bytes()).id;
        let good = "\u{feff}<?xml version=\"1.0\"?><!-- <id>no</id> --><module><name xml:lang=\"de\"><id>no</id></name><id> my-ext\n</id><id>2</id></module>";
        assert_eq!(read(good.as_bytes()), Meta { id: Some("my-ext".into()), flaw: None });
        assert_eq!(id("<module><id>a&amp;b<![CDATA[c]]></id></module>").as_deref(), Some("a&bc"));
        assert_eq!(id("<module xmlns:x='y'><x:id>a</x:id></module>").as_deref(), Some("a"));
        let broken = read(b"<module><id>kept</id>\n<name></module>");
        assert_eq!(broken.id.as_deref(), Some("kept"));
        assert!(broken.flaw.is_some_and(|f| f.starts_with("line 2")));
        assert!(read(b"<module><id>x").flaw.is_some());
        assert!(read(b"").flaw.is_some_and(|f| f.contains("<id>")));
        assert!(read(b"<module><id>\xff</id></module>").id.is_some());
        let bomb = "<!DOCTYPE m [<!ENTITY a \"xx\"><!ENTITY b \"&a;&a;\">]><module><id>x&b;</id></module>";
        assert_eq!(id(bomb).as_deref(), Some("x"));
        assert!(read("<a>".repeat(200_000).as_bytes()).flaw.is_some());
    }
}
