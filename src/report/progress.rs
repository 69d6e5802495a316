//! A progress bar on standard error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::Terminal;
use crate::remap::watch::Watch;

/// Work that takes less time than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears when the work takes longer than a second and a person watches.
pub struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Progress {
    /// A bar for this terminal.
    #[must_use]
    pub fn new(terminal: &Terminal) -> Progress {
        let bar = terminal.progress.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
            let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} files");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar.set_message("reading");
            bar
        });
        Progress { bar, started: Instant::now() }
    }

    /// `done` of `all` files are read.
    pub fn set(&self, done: usize, all: usize) {
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && self.started.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How often a bar over rows is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// A bar over the rows of a run: what it is at, rows, rows a second, time left. Drawn by a thread of its own.
pub struct Rows {
    drawing: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Rows {
    /// A bar for this terminal, over the run that `watch` watches.
    #[must_use]
    pub fn new(terminal: &Terminal, watch: &Arc<Watch>) -> Rows {
        if !terminal.progress {
            return Rows { drawing: None };
        }
        let (watch, done) = (Arc::clone(watch), Arc::new(AtomicBool::new(false)));
        let until = Arc::clone(&done);
        let drawing = std::thread::Builder::new().name("progress".into()).spawn(move || draw(&watch, &until));
        // Without a thread the work goes on unseen.
        Rows { drawing: drawing.ok().map(|thread| (done, thread)) }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.drawing.take() {
            done.store(true, Ordering::Relaxed);
            thread.thread().unpark();
            let _ = thread.join();
        }
    }
}

fn draw(watch: &Watch, done: &AtomicBool) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let style = ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} rows, {per_sec}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    let started = Instant::now();
    while !done.load(Ordering::Relaxed) {
        std::thread::park_timeout(TICK);
        if started.elapsed() < PATIENCE || done.load(Ordering::Relaxed) {
            continue;
        }
        let (phase, rows, all) = watch.state();
        // Work that does not say how much it is, is not drawn.
        if all == 0 {
            continue;
        }
        if bar.is_hidden() {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_message(if watch.stopped().is_some() { "stopping" } else { phase.word() });
        bar.set_length(all);
        bar.set_position(rows);
    }
    bar.finish_and_clear();
}
