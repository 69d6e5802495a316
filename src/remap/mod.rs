//! Plan, apply, journal, verify, undo: an extension's data rewritten to the ids of a new panel state, all or nothing.
//!
//! [`plan`] looks and leaves no trace; [`fix`] locks all databases and the companion in one transaction, plans, applies, checks and commits; [`undo`]
//! takes the last run back exactly; [`verify`](resolve::verify) asks whether every reference resolves on a panel.

mod actions;
mod apply;
mod beside;
mod check;
mod collide;
mod compute;
mod computed;
pub mod convert;
mod date;
mod decide;
mod default;
mod error;
mod expression;
mod fix;
mod foreign;
mod full_text;
mod hits;
mod inside;
mod kept;
mod leaves;
mod ledger;
mod lock;
mod method;
mod odd;
mod pairs;
mod pass;
pub mod plan;
pub mod quarantine;
pub mod resolve;
mod row_hash;
mod rows;
mod scan;
mod seen;
mod sentinel;
mod session;
mod short;
mod space;
mod split;
mod stores;
mod target;
mod told;
mod twin;
mod undo;
pub mod watch;
mod write;

use std::time::Duration;

use camino::Utf8Path;

pub use date::{Recorded, record_snapshot, record_state};
pub use decide::{Fate, Storage};
pub use error::{ManifestMismatch, RemapError};
pub use fix::{Fixed, Outputs, accept, fix, fix_by, fix_with, plan, plan_into, plan_to, plan_with};
pub use method::Method;
pub use plan::Plan;
pub use session::LIMIT;
pub use stores::Stores;
pub use stores::script::{Language, last_script, script_back};
pub use target::var_dir;
pub use undo::prune::{Prunable, prunable, prune};
pub use undo::{Drift, Undo, Undone, take_back, take_back_with, undo};
pub use write::{PlanFile, planned_hash};

use self::ledger::Known;
use self::twin::Old;
use crate::panel::map::Reviewed;
use crate::panel::mapping::Settings;
use crate::panel::{Inventory, Mapping};
use crate::reference::manifest::Manifest;

/// How long a run waits for a lock.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// Matches the objects of an old panel state with those of a new one.
pub type Matching<'a> = &'a dyn Fn(&Inventory, &Inventory) -> Mapping;

/// What to plan or fix.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The extension's var directory.
    pub var_dir: &'a Utf8Path,
    /// Its references.
    pub manifest: &'a Manifest,
    /// The panel state that the stored ids speak of; `None`: the companion's, or that of which the twins in the data tell, where there is no companion.
    pub old: Option<&'a Inventory>,
    /// Go by the twins in the data, whatever companion there is. `old` must be `None` then.
    pub twins: bool,
    /// The panel state that they are to speak of.
    pub new: &'a Inventory,
    /// Believe `old` even where it contradicts the companion.
    pub trust_old: bool,
    /// Matches old objects with new ones: [`Mapping::between`], with the settings of the command line.
    pub matching: Matching<'a>,
    /// A reviewed map, which stands before the rules.
    pub map: Option<Reviewing<'a>>,
    /// How long to wait for a lock.
    pub patience: Duration,
}

/// A map file that a person reviewed.
#[derive(Clone, Copy)]
pub struct Reviewing<'a> {
    /// The file.
    pub file: &'a Reviewed,
    /// How the rules are asked for what it leaves open.
    pub settings: Settings,
}

impl Request<'_> {
    /// The mapping from `old` to the new state.
    fn mapping(&self, old: &Old<'_>, known: &Known) -> Result<Mapping, RemapError> {
        let state = old.inventory();
        let mut mapping = match self.map {
            // The last run moved the data from the state that the map is for: it has nothing to say any more.
            Some(Reviewing { file, .. })
                if known
                    .last_run
                    .as_ref()
                    .is_some_and(|r| r.old.is_some_and(|f| file.is_from(f)) && !file.is_from(state.fingerprint())) =>
            {
                (self.matching)(state, self.new)
            }
            Some(Reviewing { file, settings }) => file.between(state, self.new, settings).map_err(|e| RemapError::Map(Box::new(e)))?,
            None => (self.matching)(state, self.new),
        };
        if let Old::Twins(twins) = old {
            twins.contest(&mut mapping, self.new);
        }
        Ok(mapping)
    }
}
