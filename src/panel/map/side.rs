//! An object as the map file names it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::panel::{Guid, Inventory, Kind, Object};

/// The word for "it is gone".
pub(super) const NONE: &str = "none";

/// An object: its id; name and GUID are there to be read, and must be right where they are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Side {
    /// Its id.
    pub(super) id: i64,
    /// Its name.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// Its GUID.
    #[serde(default)]
    pub(super) guid: Option<String>,
}

impl Side {
    /// The object of `inventory` that is meant; or what is wrong. `which` is `old` or `new`.
    pub(super) fn object<'a>(&self, kind: Kind, inventory: &'a Inventory, which: &str) -> Result<&'a Object, String> {
        let Some(object) = inventory.get(kind, self.id) else {
            let other = Kind::all().filter(|k| *k != kind).find_map(|k| inventory.get(k, self.id));
            let other = other.map(|o| format!(" (there is {}, but kinds are never mixed)", o.label())).unwrap_or_default();
            return Err(format!("the {which} panel state has no {kind} {}{other}", self.id));
        };
        let differs = |what: &str, says: &str, is: &str| {
            Err(format!(
                "{kind} {} of the {which} panel state has the {what} {is:?}, not {says:?}; correct it, or leave the {what} out",
                self.id
            ))
        };
        match &self.name {
            Some(name) if **name != *object.name => return differs("name", name, &object.name),
            _ => {}
        }
        match &self.guid {
            Some(guid) if Guid::parse(guid.as_bytes()) != object.guid || object.guid.is_none() => {
                differs("GUID", guid, &object.guid.map(|g| g.to_string()).unwrap_or_default())
            }
            _ => Ok(object),
        }
    }
}

/// What became of an object: `{ id = 7, … }`, `7`, or `"none"`.
#[derive(Debug, Clone, PartialEq, Eq, schemars::JsonSchema)]
#[schemars(untagged)]
#[allow(clippy::large_enum_variant, reason = "lives only while a file is read")]
pub(super) enum New {
    /// The new object.
    Object(Side),
    /// Its id.
    Id(i64),
    /// `none`: it is gone.
    Gone(String),
}

impl<'de> Deserialize<'de> for New {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<New, D::Error> {
        struct Forms;
        impl<'de> Visitor<'de> for Forms {
            type Value = New;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "the new object, such as {{ id = 7 }} or 7, or {NONE:?}")
            }

            fn visit_i64<E: de::Error>(self, id: i64) -> Result<New, E> {
                Ok(New::Id(id))
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<New, E> {
                if word == NONE { Ok(New::Gone(word.to_owned())) } else { Err(E::invalid_value(de::Unexpected::Str(word), &self)) }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<New, A::Error> {
                Side::deserialize(MapAccessDeserializer::new(map)).map(New::Object)
            }
        }
        deserializer.deserialize_any(Forms)
    }
}
