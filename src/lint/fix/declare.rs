//! The fix of a stored id that stays where it is: an entry of the manifest, so that `reguid fix` mends it after a restore.

use super::super::load::MANIFEST;
use super::super::{Context, Finding};
use super::{Change, Edit, Fix, Safety, difference};
use crate::discover::{Discovery, entries};
use crate::reference::manifest::merge;
use crate::reference::{Confidence, Encoding};

/// The discovery that a finding is about.
pub(super) fn discovery<'a>(context: &Context<'a>, finding: &Finding) -> Option<&'a Discovery> {
    let place = finding.place.as_ref()?;
    // They are in the order of their places.
    let first = context.discoveries.partition_point(|d| d.reference.place < *place);
    context.discoveries[first..].iter().take_while(|d| d.reference.place == *place).find(|d| d.reference.kinds == finding.kinds)
}

/// Adds the finding's place to the manifest, if it can be named there and is not yet. What is proven is safe to add: it changes no code, and says what
/// was shown. What is only likely is for a person to look at.
pub(crate) fn declare(context: &Context<'_>, finding: &Finding) -> Option<Fix> {
    context.extension.root.as_ref()?;
    let discovery = discovery(context, finding)?;
    // An id that cannot be had back from its hash cannot be rewritten.
    if matches!(discovery.reference.encoding, Encoding::Hashed | Encoding::Encrypted) {
        return None;
    }
    let proposal = entries::entry(discovery)?;
    let edit = match context.manifest {
        Some(manifest) => {
            let merged = merge::merge(Some(manifest), std::slice::from_ref(&proposal)).ok().filter(|m| m.added > 0)?;
            difference(MANIFEST, &manifest.text, &merged.text)
        }
        // There are most findings where there is no manifest yet.
        None => Edit { path: MANIFEST.into(), range: 0..0, text: merge::alone(&proposal) },
    };
    let safety = if finding.confidence == Confidence::Proven { Safety::Safe } else { Safety::Unsafe };
    let change = Change::Declare { proposal: Box::new(proposal), edit };
    Some(Fix { title: "declare it in reguid.toml, so that `reguid fix` mends it after a restore".to_owned(), safety, change })
}
