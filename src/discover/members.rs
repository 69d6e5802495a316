//! The texts that constants and properties hold and methods give, as the objects of each class see them.

use super::program::{Cls, Name, Program};
use crate::extension::php::ir::{ExprId, ExprKind, Stmt};

/// The most classes for which one text is put together.
const MAX_CLASSES: usize = 64;

/// A place in the code that names a constant or a property.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    /// The script.
    pub(super) script: u32,
    /// The class whose code it is: what `self` means.
    pub(super) within: Option<Cls>,
    /// The class of the object that runs it: what `static` and `$this` mean.
    pub(super) of: Option<Cls>,
}

impl Program<'_> {
    /// The classes whose objects may run the code of `cls`: itself, and those below it.
    pub(super) fn runners(&self, cls: Option<Cls>) -> Vec<Option<Cls>> {
        match cls {
            None => vec![None],
            Some(cls) => [cls].iter().chain(self.below(cls)).take(MAX_CLASSES).copied().map(Some).collect(),
        }
    }

    /// The text of `expr`, if that is a constant of a class, a property which never holds another one, or a method which gives nothing else.
    pub(super) fn member_text(&self, at: Use, expr: ExprId) -> Option<String> {
        let file = &self.scripts()[at.script as usize];
        match file.expr(expr).kind {
            ExprKind::ClassConstant { class, name } => {
                let cls = if file.text(class).eq_ignore_ascii_case("static") { at.of } else { at.within };
                self.constant_text(at.script, cls, class, name, None)
            }
            ExprKind::StaticProperty { class, name } => {
                let cls = match file.text(class).to_ascii_lowercase().as_str() {
                    "static" => at.of?,
                    "self" | "parent" => at.within?,
                    other => self.class_named(other)?,
                };
                self.property_text(cls, self.name(at.script, name))
            }
            ExprKind::Property { object, name } => match file.expr(object).kind {
                ExprKind::Variable(this) if file.text(this) == "this" => self.property_text(at.of?, self.name(at.script, name)),
                _ => None,
            },
            ExprKind::Static { class, name, args } if file.args(args).is_empty() => {
                let cls = match file.text(class).to_ascii_lowercase().as_str() {
                    "static" => at.of?,
                    "self" | "parent" => at.within?,
                    other => self.class_named(other)?,
                };
                self.method_text(cls, file.text(name))
            }
            ExprKind::Method { object, name, args } if file.args(args).is_empty() => match file.expr(object).kind {
                ExprKind::Variable(this) if file.text(this) == "this" => self.method_text(at.of?, file.text(name)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text that a method of `cls` gives, if that is all that it does.
    fn method_text(&self, cls: Cls, name: &str) -> Option<String> {
        let fun = self.method(cls, self.find(&name.to_ascii_lowercase())?)?;
        let (script, function) = self.function(fun);
        let [Stmt::Return(given)] = function.body[..] else { return None };
        let file = &self.scripts()[script as usize];
        match file.expr(given).kind {
            ExprKind::Text(text) => Some(file.text(text).to_owned()),
            ExprKind::ClassConstant { class, name } => {
                let own = function.class.map(|class| self.cls(script, class));
                let of = if file.text(class).eq_ignore_ascii_case("static") { Some(cls) } else { own };
                self.constant_text(script, of, class, name, None)
            }
            _ => None,
        }
    }

    /// The one text that property `name` of an object of `cls` ever holds: its default, or what the class itself puts there.
    fn property_text(&self, cls: Cls, name: Name) -> Option<String> {
        let default = self.lineage(cls).iter().find_map(|c| {
            let (script, class) = self.class(*c);
            let member = class.properties.iter().find(|m| self.name(script, m.name) == name)?;
            Some((script, member.value))
        });
        let mut text = match default {
            Some((script, Some(value))) => match self.scripts()[script as usize].expr(value).kind {
                ExprKind::Text(sym) => Some(self.scripts()[script as usize].text(sym)),
                ExprKind::Null => None,
                _ => return None,
            },
            _ => None,
        };
        for cls in self.lineage(cls) {
            let (number, class) = self.class(*cls);
            let script = &self.scripts()[number as usize];
            for expr in script.exprs.iter().filter(|e| e.at.is_in(class.at)) {
                let (target, value) = match expr.kind {
                    ExprKind::Assign { target, value } => (target, Some(value)),
                    ExprKind::Append { target, .. } => (target, None),
                    _ => continue,
                };
                let written = match script.expr(target).kind {
                    ExprKind::StaticProperty { name: written, .. } => written,
                    ExprKind::Property { object, name: written } => match script.expr(object).kind {
                        ExprKind::Variable(this) if script.text(this) == "this" => written,
                        _ => continue,
                    },
                    _ => continue,
                };
                if self.name(number, written) != name {
                    continue;
                }
                match value.map(|v| script.expr(v).kind) {
                    Some(ExprKind::Text(sym)) if text.is_none_or(|known| known == script.text(sym)) => text = Some(script.text(sym)),
                    _ => return None,
                }
            }
        }
        text.map(str::to_owned)
    }
}
