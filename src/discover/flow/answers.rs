//! Answers of the panel's remote interface, taken apart step by step: `$answer->site->get->result->id`.

use super::graph::Node;
use super::label::{Answer, Key, Path, Strength, What};
use super::layer::Origin;
use super::solve::Solver;
use crate::discover::program::{Name, Program};
use crate::extension::php::ir::ExprKind;
use crate::panel::Kind;
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
        Answer::To(kind) => match catalogue::answer_operator(word) {
            Some(other) => What::Answer(Answer::Of(other)),
            None => match self::word(Answer::Of(kind), word) {
                Some(What::Answer(_)) => What::Answer(Answer::To(kind)),
                other => return other,
            },
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

/// The kinds of the operators of a request.
fn operators(request: &str) -> impl Iterator<Item = Kind> {
    let names = request.split('<').skip(1).map(|tag| tag.split(['>', ' ', '/']).next().unwrap_or_default());
    names.filter_map(catalogue::answer_operator)
}

impl Solver<'_, '_> {
    /// The kind of object that a request is about, as far as its text is written in the code: `<service-plan><get><filter/></get></service-plan>`.
    pub(super) fn asked_of(&self, request: Node) -> Option<Kind> {
        let mut kinds: Vec<Kind> = Vec::new();
        for node in self.origins(request) {
            let Some((script, expr)) = self.graph.as_expr(node) else { continue };
            let file = &self.program.scripts()[script as usize];
            let parts = match file.expr(expr).kind {
                ExprKind::Concat(parts) => file.list(parts),
                ExprKind::Text(_) => &[expr],
                _ => continue,
            };
            let texts =
                parts.iter().filter_map(|part| if let ExprKind::Text(sym) = file.expr(*part).kind { Some(file.text(sym)) } else { None });
            kinds.extend(texts.flat_map(operators));
        }
        kinds.sort_unstable();
        kinds.dedup();
        // A packet may ask for several things.
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
    use super::operators;

    #[test]
    fn requests_tell_whom_they_are_about() {
        let kinds = |request: &str| operators(request).map(|k| k.name().to_owned()).collect::<Vec<_>>().join(" ");
        assert_eq!(kinds("<service-plan><get><filter/></get></service-plan>"), "plan");
        assert_eq!(kinds("<?xml version=\"1.0\"?><packet version=\"1.6.9.1\"><customer><add>"), "client");
        assert_eq!(kinds("<packet><site><get/></site><customer><get/></customer></packet>"), "domain client");
        assert_eq!((kinds("<server><get/></server>"), kinds("no request")), (String::new(), String::new()));
    }
}
