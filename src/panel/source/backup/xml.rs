//! XML as a stream of tags. What nobody asked for is passed over and not kept; what could make a reader work or fetch without end is refused.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesStart, Event};

use super::input::Input;

/// The longest tag, declaration or piece of text that is taken.
const LONGEST: usize = 1 << 20;
/// The deepest nesting. A panel's own files are a tenth as deep.
const DEEPEST: usize = 256;
/// The longest name of an element.
const LONGEST_NAME: usize = 256;
/// The most attributes of an element that is looked at.
const MOST_ATTRIBUTES: usize = 256;
/// The longest value of an attribute or an element that is taken. The longest names of a panel have 255 characters.
pub(super) const LONGEST_VALUE: usize = 4096;

/// Why reading stopped, and where: the line from 1 and the byte from 0 of the tag or text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: u64,
    pub(super) byte: u64,
    pub(super) what: What,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum What {
    Io(io::Error),
    /// The file ends too early.
    Ended(String),
    Malformed(String),
    /// Something that no panel writes, and that can be used for harm.
    Forbidden(&'static str),
    /// Another encoding than UTF-8.
    Encoding(String),
    /// A limit was reached.
    TooMuch(String),
    /// Another root element.
    Foreign(String),
    /// An id that is none: the element and what stands there.
    BadId(&'static str, String),
}

/// Who takes the tags.
pub(super) trait Take {
    /// An element begins. `at`: its line and byte.
    fn open(&mut self, tag: &Tag<'_>, at: (u64, u64)) -> Result<(), What>;
    /// The innermost open element ends.
    fn close(&mut self);
    /// Whether the text at hand is wanted.
    fn wants_text(&self) -> bool;
    /// A piece of that text.
    fn text(&mut self, text: &str) -> Result<(), What>;
}

/// The beginning of an element.
pub(super) struct Tag<'a> {
    start: &'a BytesStart<'a>,
    /// How many elements it lies in.
    pub(super) depth: usize,
}

impl Tag<'_> {
    pub(super) fn name(&self) -> &str {
        self.start.name().into_inner()
    }

    /// Calls `each` with every attribute's name and written value; [`value`] reads the latter.
    pub(super) fn attributes<'t>(&'t self, mut each: impl FnMut(&'t str, &'t str) -> Result<(), What>) -> Result<(), What> {
        for (number, attribute) in self.start.attributes().enumerate() {
            if number == MOST_ATTRIBUTES {
                return Err(What::TooMuch(format!("<{}> has more than {MOST_ATTRIBUTES} attributes", self.name())));
            }
            let attribute = attribute.map_err(|e| What::Malformed(format!("<{}>: {e}", self.name())))?;
            let Cow::Borrowed(value) = attribute.value else {
                return Err(What::Malformed("an attribute that is not as it is written".to_owned()));
            };
            each(attribute.key.into_inner(), value)?;
        }
        Ok(())
    }
}

/// What a written value of an attribute says.
pub(super) fn value<'a>(element: &str, attribute: &str, written: &'a str) -> Result<Cow<'a, str>, What> {
    if written.len() > LONGEST_VALUE {
        return Err(What::TooMuch(format!("the attribute {attribute} of <{element}> is longer than {LONGEST_VALUE} bytes")));
    }
    quick_xml::escape::unescape(written).map_err(|e| match e {
        quick_xml::escape::EscapeError::UnrecognizedEntity(..) => What::Forbidden("an entity that XML itself does not have"),
        other => What::Malformed(format!("the attribute {attribute} of <{element}>: {other}")),
    })
}

/// Reads a file to its end.
pub(super) fn read(reader: impl Read, take: &mut impl Take) -> Result<(), Fault> {
    let mut file = Reader::from_reader(Input::new(reader));
    file.config_mut().allow_unmatched_ends = false;
    let mut pass = Pass { file, open: Vec::new(), rooted: false };
    let mut buffer = Vec::new();
    let mut at = (1, 0);
    loop {
        match pass.next(&mut buffer, take, &mut at) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(what) => return Err(Fault { line: at.0, byte: at.1, what }),
        }
    }
}

struct Pass<R> {
    file: Reader<Input<R>>,
    /// The lines on which the open elements begin.
    open: Vec<u64>,
    /// Whether the root element has begun.
    rooted: bool,
}

impl<R: Read> Pass<R> {
    /// Takes one tag or piece of text. `false`: the file has ended.
    fn next(&mut self, buffer: &mut Vec<u8>, take: &mut impl Take, at: &mut (u64, u64)) -> Result<bool, What> {
        if !self.open.is_empty() && !take.wants_text() {
            self.file.get_mut().allow(usize::MAX);
            self.pass_over(at)?;
        }
        *at = self.file.get_ref().position();
        self.file.get_mut().allow(LONGEST);
        buffer.clear();
        let event = match self.file.read_event_into(buffer) {
            Ok(event) => event,
            Err(error) => return Err(self.fault(error)),
        };
        match event {
            Event::Start(start) => {
                self.open(&start, take, *at)?;
                self.open.push(at.0);
            }
            Event::Empty(start) => {
                self.open(&start, take, *at)?;
                take.close();
            }
            Event::End(_) => {
                self.open.pop();
                take.close();
            }
            Event::Text(text) if self.open.is_empty() => {
                if !text.trim_matches([' ', '\t', '\r', '\n', '\u{feff}']).is_empty() {
                    return Err(What::Malformed("text outside of the root element".to_owned()));
                }
            }
            Event::Text(text) => take.text(&text)?,
            Event::CData(text) => take.text(&text)?,
            Event::GeneralRef(entity) => {
                let known = quick_xml::escape::resolve_predefined_entity(&entity).map(Cow::Borrowed);
                let text = match known {
                    Some(text) => text,
                    None => match entity.resolve_char_ref() {
                        Ok(Some(c)) => Cow::Owned(c.to_string()),
                        Ok(None) => return Err(What::Forbidden("an entity that XML itself does not have")),
                        Err(e) => return Err(What::Malformed(e.to_string())),
                    },
                };
                if take.wants_text() {
                    take.text(&text)?;
                }
            }
            Event::Decl(declaration) => {
                if let Some(Ok(encoding)) = declaration.encoding()
                    && !["utf-8", "utf8", "us-ascii", "ascii"].contains(&encoding.to_ascii_lowercase().as_str())
                {
                    return Err(What::Encoding(format!("it declares the encoding {}", encoding.escape_debug())));
                }
                if let Ok(XmlVersion::Explicit1_1) = declaration.xml_version() {
                    return Err(What::Malformed("it is XML 1.1".to_owned()));
                }
            }
            Event::DocType(_) => return Err(What::Forbidden("a DOCTYPE")),
            Event::PI(_) | Event::Comment(_) => {}
            Event::Eof if !self.rooted => return Err(What::Ended("the file ends before its root element".to_owned())),
            Event::Eof => match self.open.last() {
                Some(line) => return Err(What::Ended(format!("the file ends inside of the element that begins on line {line}"))),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    fn open(&mut self, start: &BytesStart<'_>, take: &mut impl Take, at: (u64, u64)) -> Result<(), What> {
        let name = start.name().into_inner();
        if name.len() > LONGEST_NAME {
            return Err(What::TooMuch(format!("the name of an element is longer than {LONGEST_NAME} bytes")));
        }
        if self.open.len() == DEEPEST {
            return Err(What::TooMuch(format!("elements lie more than {DEEPEST} deep in each other")));
        }
        if self.open.is_empty() && std::mem::replace(&mut self.rooted, true) {
            return Err(What::Malformed("a second root element".to_owned()));
        }
        take.open(&Tag { start, depth: self.open.len() }, at)
    }

    /// Passes over text, CDATA and comments, however long they are, up to the next tag or entity.
    fn pass_over(&mut self, at: &mut (u64, u64)) -> Result<(), What> {
        loop {
            *at = self.file.get_ref().position();
            let mut stream = self.file.stream();
            let chunk = stream.fill_buf().map_err(What::Io)?;
            if chunk.is_empty() {
                return Ok(());
            }
            let length = memchr::memchr2(b'<', b'&', chunk).unwrap_or(chunk.len());
            if length > 0 {
                stream.consume(length);
                continue;
            }
            let head = stream.get_mut().ahead(9).map_err(What::Io)?;
            let (skip, end): (usize, &[u8]) = if head.starts_with(b"<![CDATA[") {
                (9, b"]]>")
            } else if head.starts_with(b"<!--") {
                (4, b"-->")
            } else {
                return Ok(());
            };
            stream.consume(skip);
            loop {
                let chunk = stream.fill_buf().map_err(What::Io)?;
                if let Some(place) = memchr::memmem::find(chunk, end) {
                    stream.consume(place + end.len());
                    break;
                }
                // The end may begin in this piece and go on in the next.
                let length = chunk.len().saturating_sub(end.len() - 1);
                stream.consume(length);
                if length == 0 {
                    let head = stream.get_mut().ahead(end.len()).map_err(What::Io)?;
                    if head.len() < end.len() {
                        return Err(What::Ended("the file ends inside of a comment or a CDATA section".to_owned()));
                    }
                }
            }
        }
    }

    fn fault(&self, error: Error) -> What {
        if self.file.get_ref().exhausted {
            return What::TooMuch(format!("a tag or text is longer than {LONGEST} bytes"));
        }
        match error {
            Error::Io(error) => What::Io(match error.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None => io::Error::new(error.kind(), error.to_string()),
            }),
            Error::Encoding(_) => What::Encoding("it has bytes that are no UTF-8".to_owned()),
            Error::Syntax(SyntaxError::InvalidBangMarkup) if !self.file.get_ref().is_spent() => {
                What::Malformed("markup that begins with <! and is none".to_owned())
            }
            Error::Syntax(SyntaxError::UnclosedDoctype) | Error::IllFormed(IllFormedError::MissingDoctypeName) => {
                What::Forbidden("a DOCTYPE")
            }
            Error::IllFormed(IllFormedError::UnclosedReference) if self.file.get_ref().is_spent() => {
                What::Ended("the file ends inside of an entity".to_owned())
            }
            Error::Syntax(error) => What::Ended(format!("the file ends too early: {error}")),
            other => What::Malformed(short(&other.to_string()).into_owned()),
        }
    }
}

/// `text`, not too long for a message.
pub(super) fn short(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(120) {
        Some((end, _)) => Cow::Owned(format!("{}…", text[..end].escape_debug())),
        None => Cow::Owned(text.escape_debug().to_string()),
    }
}
