//! Answers of the panel's remote interface, taken apart step by step: `$answer->site->get->result->id`.

use super::label::{Answer, Key, Path, Strength, What};
use super::layer::Origin;
use super::solve::Solver;
use crate::discover::program::{Name, Program};
use crate::panel::catalogue;

/// What an element of an answer is; `None`: nothing that matters.
pub(super) fn step(program: &Program<'_>, answer: Answer, key: Key) -> Option<What> {
    match key.name() {
        Some(name) => word(answer, program.text(name)),
        // One of several answers is an answer.
        None if key == Key::KEYS => None,
        None => Some(What::Answer(answer)),
    }
}

fn word(answer: Answer, word: &str) -> Option<What> {
    let shared = &catalogue::get().shared;
    Some(match answer {
        Answer::Whole => match catalogue::answer_operator(word) {
            Some(kind) => What::Answer(Answer::Of(kind)),
            None => What::Answer(Answer::Whole),
        },
        Answer::Xml => match catalogue::answer_operator(word) {
            Some(kind) => What::Answer(Answer::Operator(kind)),
            None => What::Answer(Answer::Xml),
        },
        Answer::Operator(kind) if shared.operations.iter().any(|o| o == word) => What::Answer(Answer::Of(kind)),
        Answer::Operator(_) => What::Answer(Answer::Xml),
        Answer::Of(kind) => match catalogue::answer_id(word, kind) {
            Some(kind) => What::Id(kind),
            None if shared.stable_elements.iter().any(|stable| stable == word) => What::Stable(kind),
            None => What::Answer(Answer::Of(kind)),
        },
    })
}

impl Solver<'_, '_> {
    /// A method of an answer is called.
    pub(super) fn call_answer(&mut self, number: u32, answer: Answer, method: Name) {
        let result = self.calls[number as usize].result;
        match self.program.text(method) {
            "xpath" => {
                let Some(path) = self.constant_argument(number, 0) else { return };
                let path = self.program.text(path).to_owned();
                let mut what = What::Answer(answer);
                for part in path.split('/').filter(|p| !p.is_empty()) {
                    let part = part.split('[').next().unwrap_or_default();
                    let What::Answer(at) = what else { return };
                    match word(at, part) {
                        Some(next) => what = next,
                        None => return,
                    }
                }
                self.forward.add(result, what, Strength::Shown, Path::of(Key::ANY), Origin::Call(number));
            }
            "children" | "current" | "getresponse" | "getbody" => {
                self.seed(result, What::Answer(answer), Strength::Shown, Origin::Call(number));
            }
            _ => {}
        }
    }
}
