//! Answers of the panel's remote interface, taken apart step by step: `$answer->site->get->result->id`.

use super::graph::Node;
use super::label::{Answer, Key, Path, Strength, What};
use super::layer::Origin;
use super::solve::Solver;
use crate::discover::program::{Name, Program};
use crate::extension::php::ir::ExprKind;
use crate::panel::Kind;
use crate::panel::catalogue;

/// A request's operator is among as many tags: a packet is around it.
const MAX_TAGS: usize = 4;

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

/// The kind of the first operator of a request.
fn operator(request: &str) -> Option<Kind> {
    let names = request.split('<').skip(1).map(|tag| tag.split(['>', ' ', '/']).next().unwrap_or_default());
    names.take(MAX_TAGS).find_map(catalogue::answer_operator)
}

impl Solver<'_, '_> {
    /// The kind of object that a request is about, as far as its text is written in the code: `<service-plan><get><filter/></get></service-plan>`.
    pub(super) fn asked_of(&self, request: Node) -> Option<Kind> {
        let text = |node: Node| {
            let (script, expr) = self.graph.as_expr(node)?;
            let file = &self.program.scripts()[script as usize];
            match file.expr(expr).kind {
                ExprKind::Text(sym) => Some(file.text(sym)),
                ExprKind::Concat(parts) => match file.expr(*file.list(parts).first()?).kind {
                    ExprKind::Text(sym) => Some(file.text(sym)),
                    _ => None,
                },
                _ => None,
            }
        };
        let mut kinds: Vec<Kind> = self.origins(request).into_iter().filter_map(text).filter_map(operator).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if let [kind] = kinds[..] { Some(kind) } else { None }
    }

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

#[cfg(test)]
mod tests {
    use super::operator;

    #[test]
    fn requests_tell_whom_they_are_about() {
        let kind = |request: &str| operator(request).map(|k| k.name());
        assert_eq!(kind("<service-plan><get><filter/></get></service-plan>"), Some("plan"));
        assert_eq!(kind("<?xml version=\"1.0\"?><packet version=\"1.6.9.1\"><customer><add>"), Some("client"));
        assert_eq!(kind("<server><get/></server>"), None);
        assert_eq!(kind("no request"), None);
    }
}
