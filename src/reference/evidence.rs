//! Why we believe that a place holds a panel id.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// Where the reason comes from.
    pub class: EvidenceClass,
    /// The reason, for a person.
    pub text: String,
}

/// Where a reason comes from. Reasons of different classes are independent witnesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceClass {
    /// The manifest says so.
    Declaration,
    /// A path through the code.
    Code,
    /// The values agree with an inventory.
    Data,
    /// A column beside it names the same object.
    Twin,
    /// Its name.
    Name,
}

/// How sure we are of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One hint.
    Possible,
    /// Two independent hints.
    Likely,
    /// A code path or a declaration.
    Proven,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Confidence::Possible => "possible",
            Confidence::Likely => "likely",
            Confidence::Proven => "proven",
        })
    }
}
