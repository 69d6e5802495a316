//! What is known of a value, and where inside it.

use crate::discover::program::{Cls, Fun, Name};
use crate::panel::Kind;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::discover) enum What {
    /// An id of a panel object.
    Id(Kind),
    /// A GUID or a key of a panel object: stable, no raw id.
    Stable(Kind),
    /// An object of one of the panel's classes.
    Panel(Name),
    /// An object of one of the extension's own classes.
    Own(Cls),
    /// The text of a SQL statement, or a prepared one, by its number.
    Sql(u32),
    /// A row object of that table, or a table gateway to it.
    Table(Name),
    /// A closure.
    Closure(Fun),
    /// A text that an id of a panel object is a part of: `status-12`.
    Part(Kind),
    /// A hash of an id.
    Hashed(Kind),
    /// An encrypted text with an id in it.
    Encrypted(Kind),
    /// The path of the extension's var directory.
    VarDir,
    /// An answer of the panel's remote interface, or a part of one.
    Answer(Answer),
    /// An open file, by the call that opened it.
    Handle(u32),
}

impl What {
    /// The same with another name for each name in it.
    pub(in crate::discover) fn renamed(self, name: impl Fn(Name) -> Name) -> What {
        match self {
            What::Panel(class) => What::Panel(name(class)),
            What::Table(table) => What::Table(name(table)),
            other => other,
        }
    }
}

/// How far an answer of the panel's remote interface was taken apart: `packet->site->get->result`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::discover) enum Answer {
    /// It is the panel's; nothing was taken out yet.
    Whole,
    /// Some XML, of which nothing tells yet that it is the panel's.
    Xml,
    /// Some XML, of which a part called like one of the panel's operators was taken.
    Operator(Kind),
    /// What an operator of that kind answers.
    Of(Kind),
    /// It is the panel's, to a request that is about that kind alone.
    To(Kind),
}

/// How sure a label is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::discover) enum Strength {
    /// From a name: of a variable, a parameter, a request parameter.
    Hinted,
    /// From a call.
    Shown,
}

/// One step into a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::discover) struct Key(u32);

impl Key {
    /// Some element of a list.
    pub(in crate::discover) const ANY: Key = Key(1);
    /// Some key, as opposed to the element under it.
    pub(in crate::discover) const KEYS: Key = Key(2);

    /// Marks the numbered elements of a list.
    const ITEM: u32 = 1 << 31;

    /// The element or property of that name.
    pub(in crate::discover) fn named(name: Name) -> Key {
        Key(name.0 + 3)
    }

    /// The element of that number.
    pub(in crate::discover) fn item(number: usize) -> Key {
        Key(Key::ITEM | (u32::try_from(number).unwrap_or(u32::MAX) & !Key::ITEM))
    }

    /// The number of an element of a list.
    pub(in crate::discover) fn number(self) -> Option<u32> {
        self.is_item().then_some(self.0 & !Key::ITEM)
    }

    /// The name of an element or property.
    pub(in crate::discover) fn name(self) -> Option<Name> {
        if self.is_item() { None } else { self.0.checked_sub(3).map(Name) }
    }

    fn is_item(self) -> bool {
        self.0 & Key::ITEM != 0
    }

    /// Whether a value under key `self` is met when `wanted` is taken out. "Some element" is one of a list, whose elements are alike; an element
    /// with a name of its own is not met by it, or every field of a record would pass for every other.
    fn meets(self, wanted: Key) -> bool {
        self == wanted || (self == Key::ANY && wanted.is_item()) || (self.is_item() && wanted == Key::ANY)
    }
}

/// Where inside a value a label sits: up to four steps, outermost first. Deeper labels are given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(in crate::discover) struct Path([u32; 4]);

impl Path {
    /// The value itself.
    pub(in crate::discover) const HERE: Path = Path([0; 4]);

    /// The path of `key` alone.
    pub(in crate::discover) fn of(key: Key) -> Path {
        Path([key.0, 0, 0, 0])
    }

    /// The path after the value was put under `key`. A key that comes again around two others is a value that is handed round in circles, each round
    /// one wrapping deeper: in some extensions nine labels of ten were of that kind.
    pub(in crate::discover) fn wrap(self, key: Key) -> Option<Path> {
        let [a, b, c, d] = self.0;
        let again = b != 0 && key != Key::ANY && self.0.contains(&key.0);
        (d == 0 && !again).then_some(Path([key.0, a, b, c]))
    }

    /// The path after `key` was taken out of the value.
    pub(in crate::discover) fn unwrap(self, key: Key) -> Option<Path> {
        let [a, b, c, d] = self.0;
        (a != 0 && Key(a).meets(key)).then_some(Path([b, c, d, 0]))
    }

    /// The path after an element was taken out, whatever its name.
    fn unwrap_named(self) -> Option<Path> {
        let [a, b, c, d] = self.0;
        (a != 0 && Key(a) != Key::KEYS).then_some(Path([b, c, d, 0]))
    }

    /// The path after what is under a name was taken out.
    fn unwrap_field(self) -> Option<Path> {
        let [a, b, c, d] = self.0;
        (a != 0 && Key(a).name().is_some()).then_some(Path([b, c, d, 0]))
    }

    fn first_is_item(self) -> bool {
        Key(self.0[0]).is_item()
    }

    /// The steps, outermost first.
    pub(in crate::discover) fn steps(self) -> impl Iterator<Item = Key> {
        self.0.into_iter().take_while(|k| *k != 0).map(Key)
    }

    /// Whether the label is the value's own.
    pub(in crate::discover) fn is_here(self) -> bool {
        self == Path::HERE
    }
}

/// What an edge does to a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::discover) enum Transfer {
    /// Nothing: the same value.
    Copy,
    /// Puts the value under a key.
    Wrap(Key),
    /// Takes what is under a key.
    Unwrap(Key),
    /// Takes what is under any name: a record's fields, all of which come into one text.
    Fields,
    /// The same value if it is an object, a function, a statement or the like: one of several that are kept under names.
    Object,
    /// The same value if it is no array: a field of a table in a text.
    Field,
    /// Cuts a text into parts. A text that is an id alone is a list of ids, joined; of another one, a part that goes by its number is an id, and its
    /// neighbours are none.
    Split,
}

impl Transfer {
    /// Forward along the edge.
    pub(in crate::discover) fn forward(self, path: Path) -> Option<Path> {
        match self {
            Transfer::Copy => Some(path),
            Transfer::Wrap(key) => path.wrap(key),
            Transfer::Unwrap(key) => path.unwrap(key),
            Transfer::Fields => path.unwrap_field(),
            Transfer::Object => None,
            Transfer::Field => path.is_here().then_some(path),
            Transfer::Split if path.is_here() => Some(Path::of(Key::ANY)),
            Transfer::Split => path.first_is_item().then_some(path),
        }
    }

    /// Forward along the edge, for a value that is no id: an object or a function that one of several names stands for is met when all of them are gone
    /// through, while a field of a record must not pass for every other.
    pub(in crate::discover) fn forward_of(self, what: What, path: Path) -> Option<Path> {
        match (self, what) {
            (Transfer::Unwrap(Key::ANY), What::Closure(_) | What::Own(_) | What::Panel(_)) => path.unwrap_named(),
            (Transfer::Object, What::Id(_) | What::Stable(_) | What::Part(_) | What::Hashed(_) | What::Encrypted(_)) => None,
            (Transfer::Object, _) => Some(path),
            _ => self.forward(path),
        }
    }

    /// The same with another name for each name in it.
    pub(in crate::discover) fn renamed(self, name: impl Fn(Name) -> Name) -> Transfer {
        let key = |key: Key| key.name().map_or(key, |own| Key::named(name(own)));
        match self {
            Transfer::Copy | Transfer::Fields | Transfer::Object | Transfer::Field | Transfer::Split => self,
            Transfer::Wrap(under) => Transfer::Wrap(key(under)),
            Transfer::Unwrap(under) => Transfer::Unwrap(key(under)),
        }
    }

    /// Backward along the edge.
    pub(in crate::discover) fn backward(self, path: Path) -> Option<Path> {
        match self {
            Transfer::Copy => Some(path),
            Transfer::Wrap(key) => path.unwrap(key),
            Transfer::Unwrap(key) => path.wrap(key),
            Transfer::Fields | Transfer::Object => None,
            Transfer::Field => path.is_here().then_some(path),
            Transfer::Split if path == Path::of(Key::ANY) => Some(Path::HERE),
            Transfer::Split => path.first_is_item().then_some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_under_a_key_comes_out_under_it_alone() {
        let (a, b) = (Key::named(Name(0)), Key::named(Name(1)));
        let path = Path::HERE.wrap(a).unwrap();
        assert_eq!(path.unwrap(a), Some(Path::HERE));
        assert_eq!(path.unwrap(b), None);
        assert_eq!(path.unwrap(Key::KEYS), None);
        assert_eq!(path.unwrap(Key::ANY), None);
        assert_eq!(Path::of(Key::ANY).unwrap(Key::item(3)), Some(Path::HERE));
        assert_eq!(Path::of(Key::item(3)).unwrap(Key::ANY), Some(Path::HERE));
        assert_eq!(Path::of(Key::ANY).unwrap(b), None);
        assert_eq!(Path::of(Key::KEYS).unwrap(Key::ANY), None);
    }

    #[test]
    fn an_array_is_no_field() {
        let inside = Path::of(Key::named(Name(0)));
        assert_eq!((Transfer::Field.forward(Path::HERE), Transfer::Field.backward(Path::HERE)), (Some(Path::HERE), Some(Path::HERE)));
        assert_eq!((Transfer::Field.forward(inside), Transfer::Field.backward(inside)), (None, None));
    }

    #[test]
    fn a_text_is_cut_into_parts() {
        let second = Path::of(Key::item(1));
        assert_eq!(Transfer::Split.forward(Path::HERE), Some(Path::of(Key::ANY)), "joined ids");
        assert_eq!(Transfer::Split.backward(Path::of(Key::ANY)), Some(Path::HERE));
        assert_eq!((Transfer::Split.backward(second), Transfer::Split.forward(second)), (Some(second), Some(second)));
        assert_eq!(second.unwrap(Key::item(0)), None, "its neighbour is none");
        assert_eq!(Transfer::Split.backward(Path::HERE), None);
    }

    #[test]
    fn fields_are_what_stands_under_names() {
        let named = Path::of(Key::named(Name(0)));
        assert_eq!(Transfer::Fields.forward(named), Some(Path::HERE));
        assert_eq!(named.wrap(Key::ANY).and_then(|p| Transfer::Fields.forward(p)), None);
        assert_eq!((Transfer::Fields.forward(Path::of(Key::KEYS)), Transfer::Fields.forward(Path::HERE)), (None, None));
        assert_eq!(Transfer::Fields.backward(Path::HERE), None);
    }

    #[test]
    fn objects_under_names_are_gone_through_and_fields_are_not() {
        let named = Path::of(Key::named(Name(0)));
        let all = Transfer::Unwrap(Key::ANY);
        assert_eq!(all.forward_of(What::Closure(Fun(0)), named), Some(Path::HERE));
        assert_eq!(all.forward_of(What::VarDir, named), None);
        assert_eq!(all.forward_of(What::Closure(Fun(0)), Path::of(Key::KEYS)), None);
    }

    #[test]
    fn a_fifth_step_is_given_up() {
        let key = |n| Key::named(Name(n));
        let four = Path::of(key(0)).wrap(key(1)).and_then(|p| p.wrap(key(2))).and_then(|p| p.wrap(key(3))).unwrap();
        assert_eq!(four.wrap(key(4)), None);
    }

    #[test]
    fn circles_are_given_up_and_lists_of_lists_are_not() {
        let (a, b) = (Key::named(Name(0)), Key::named(Name(1)));
        assert!(Path::of(a).wrap(a).is_some(), "an envelope in an envelope");
        assert_eq!(Path::of(a).wrap(b).and_then(|p| p.wrap(a)), None);
        assert!(Path::of(Key::ANY).wrap(b).and_then(|p| p.wrap(Key::ANY)).is_some());
    }
}
