//! Work that takes long: a person sees how far it is, and Ctrl-C leaves the state before it.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::remap::RemapError;
use crate::remap::watch::Watch;
use crate::report::progress;
use crate::report::terminal::Terminal;

/// What the signals that end a process come to.
struct Signals {
    /// The number of the first one while work was watched; 0: there was none.
    stop: Arc<AtomicUsize>,
    /// The next one ends the process at once, as without us: nothing is watched, or one came already.
    at_once: Arc<AtomicBool>,
}

static SIGNALS: LazyLock<std::io::Result<Signals>> = LazyLock::new(|| {
    let signals = Signals { stop: Arc::default(), at_once: Arc::new(AtomicBool::new(true)) };
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // In this order: the first signal only sets the switch for the second one.
        flag::register_conditional_default(signal, Arc::clone(&signals.at_once))?;
        flag::register(signal, Arc::clone(&signals.at_once))?;
        flag::register_usize(signal, Arc::clone(&signals.stop), usize::try_from(signal).unwrap_or_default())?;
    }
    Ok(signals)
});

/// Does the work, which must write nothing where it ends with an error.
///
/// # Errors
/// The work's own; [`RemapError::Interrupted`].
pub(super) fn watched<T>(terminal: &Terminal, work: impl FnOnce() -> Result<T, RemapError>) -> Result<T, RemapError> {
    let Ok(signals) = &*SIGNALS else { return work() };
    let watch = Arc::new(Watch::new(Arc::clone(&signals.stop), terminal.progress));
    let bar = progress::Rows::new(terminal, &watch);
    signals.at_once.store(false, Ordering::SeqCst);
    let ended = watch.over(work);
    signals.at_once.store(true, Ordering::SeqCst);
    drop(bar);
    ended.map_err(|error| watch.stopped().map_or(error, |signal| RemapError::Interrupted { signal }))
}
