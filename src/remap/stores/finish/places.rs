//! Files of a committed run on their way to their places, phase after phase; and what is left out of it, since somebody was faster.

use camino::Utf8Path;

use super::super::super::error::{Context, RemapError};
use super::super::files::FileStep;
use super::super::folder::Root;
use super::super::journal::{self, Phase, Unfinished};
use super::super::stage::{self, Left};
use crate::sqlite::Connection;

/// The files of a run that is made, or taken back.
pub(super) struct Places<'a> {
    pub root: Root,
    /// The companion, and its path.
    pub companion: (&'a Connection, &'a Utf8Path),
    pub files: Vec<FileStep>,
    /// What somebody wrote in between does not hold it up: a person said so.
    pub written: bool,
    /// It was interrupted.
    pub again: bool,
}

impl Places<'_> {
    /// Does what is left to do. What is left out is noted, to be told.
    pub(super) fn take(&mut self, what: &mut Unfinished) -> Result<(), RemapError> {
        for (phase, next) in [(Phase::Contents, Phase::Aside), (Phase::Aside, Phase::Place), (Phase::Place, Phase::Done)] {
            if what.phase != phase {
                continue;
            }
            if phase == Phase::Aside && self.again {
                let written = stage::written(&self.root, &self.files, self.written)?;
                self.leave_out(what, written, true)?;
            }
            let out = stage::phase(&self.root, &self.files, phase, (self.written, self.again))?;
            self.leave_out(what, out, phase == Phase::Contents)?;
            what.phase = next;
            if next != Phase::Done {
                journal::intend(self.companion.0, *what).on(self.companion.1)?;
            }
        }
        stage::phase(&self.root, &self.files, Phase::Done, (self.written, self.again)).map(drop)
    }

    /// Leaves out these, and what is `blocked`, all at once or nothing: half of it would move files of one folder into another one.
    fn leave_out(&mut self, what: &Unfinished, out: Vec<Left>, blocked: bool) -> Result<(), RemapError> {
        let (companion, path) = self.companion;
        companion.execute_batch("BEGIN IMMEDIATE").on(path)?;
        let done = self.leave(what, out).and_then(|()| if blocked { self.let_alone_what_is_blocked(what) } else { Ok(()) });
        let ended = companion.execute_batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" });
        done.and(ended.on(path))
    }

    /// Writes down what became of file `n`, of which `content` is kept.
    fn alter(&self, what: &Unfinished, n: usize, content: Option<&[u8]>) -> Result<(), RemapError> {
        let step = if what.undo { self.files[n].reversed() } else { self.files[n].clone() };
        journal::alter_file(self.companion.0, what.run, n, &step, content).on(self.companion.1)
    }

    /// Notes first what is left out: whoever goes on after another interruption may not see that it was.
    fn note(&self, label: &str) -> Result<(), RemapError> {
        journal::leave(self.companion.0, [label]).on(self.companion.1)
    }

    fn leave(&mut self, what: &Unfinished, out: Vec<Left>) -> Result<(), RemapError> {
        for out in out {
            let n = match out {
                Left::Content(n) => {
                    self.note(self.files[n].from.as_str())?;
                    self.files[n] = FileStep { content: None, ..self.files[n].unnamed() };
                    n
                }
                Left::Gone(n) => {
                    self.files[n] = self.files[n].nothing();
                    n
                }
            };
            self.alter(what, n, None)?;
        }
        Ok(())
    }

    /// What cannot have its new name keeps its own by a person's word. Without one, nothing steps aside that could not go on from there.
    fn let_alone_what_is_blocked(&mut self, what: &Unfinished) -> Result<(), RemapError> {
        loop {
            let blocked = stage::blocked(&self.root, &self.files)?;
            let Some(first) = blocked.first() else { break };
            if !self.written {
                let why = "something is called so by now: move it away, then run this again; or let what was to be called so keep its name: --panel-holds new";
                let source = std::io::Error::new(std::io::ErrorKind::AlreadyExists, why);
                return Err(RemapError::Io { path: self.root.at(&self.files[*first].to), source });
            }
            for n in blocked {
                let (from, name) = (&self.files[n].from, self.files[n].to.file_name().unwrap_or_default());
                self.note(&format!("{from}, which would be called {name}: something is there"))?;
                let (was, stays) = (self.files[n].to.clone(), self.files[n].unnamed());
                // What lies in a folder stays in it.
                for step in self.files.iter_mut().filter(|step| step.to != was) {
                    if let Ok(below) = step.to.strip_prefix(&was)
                        && step.from.starts_with(&stays.from)
                    {
                        step.to = stays.to.join(below);
                    }
                }
                self.files[n] = stays;
                for n in (0..self.files.len()).filter(|m| *m == n || self.files[*m].from.starts_with(&self.files[n].from)) {
                    let kept = journal::kept(self.companion.0, what.run, n).on(self.companion.1)?;
                    self.alter(what, n, kept.as_deref())?;
                }
            }
        }
        Ok(())
    }
}
