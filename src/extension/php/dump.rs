//! A script as readable text, for tests.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use super::ir::{Arg, Cast, ExprId, ExprKind, Function, FunctionKind, Member, Script, Slice, Stmt, Sym};

/// All functions with their bodies, then all classes.
pub(super) fn dump(script: &Script) -> String {
    let dump = Dump { script };
    let mut out = String::new();
    for (i, function) in script.functions.iter().enumerate() {
        dump.function(i, function, &mut out);
    }
    for class in &script.classes {
        let names = |label: &str, syms: &[Sym]| if syms.is_empty() { String::new() } else { format!(" {label} {}", dump.names(syms)) };
        let parent = class.parent.map(|p| format!(" extends {}", script.text(p))).unwrap_or_default();
        writeln!(out, "class {}{parent}{}{}", script.text(class.name), names("implements", &class.interfaces), names("use", &class.traits))
            .unwrap();
        for (label, members) in [("const ", &class.constants), ("", &class.properties)] {
            members.iter().for_each(|member| writeln!(out, "  {label}{}", dump.member(member, label.is_empty())).unwrap());
        }
        let methods: Vec<String> = class.methods.iter().map(|m| format!("#{}", m.0)).collect();
        writeln!(out, "  methods {}", methods.join(" ")).unwrap();
    }
    out
}

/// One expression.
pub(super) fn expr(script: &Script, id: ExprId) -> String {
    Dump { script }.expr(id)
}

struct Dump<'a> {
    script: &'a Script,
}

impl Dump<'_> {
    fn function(&self, number: usize, function: &Function, out: &mut String) {
        let kind = match function.kind {
            FunctionKind::Top => "top",
            FunctionKind::Function => "function",
            FunctionKind::Method => "method",
            FunctionKind::StaticMethod => "static method",
            FunctionKind::Closure => "closure",
            FunctionKind::Arrow => "arrow",
        };
        let class = function.class.map(|c| format!("{}::", self.text(self.script.class(c).name))).unwrap_or_default();
        let params: Vec<String> = function
            .params
            .iter()
            .map(|p| {
                let types = if p.types.is_empty() { String::new() } else { format!("{} ", self.names(&p.types)) };
                let promoted = if p.promoted { "promoted " } else { "" };
                let dots = if p.variadic { "..." } else { "" };
                let default = p.default.map(|d| format!(" = {}", self.expr(d))).unwrap_or_default();
                format!("{promoted}{types}{dots}${}{default}", self.text(p.name))
            })
            .collect();
        let uses = if function.uses.is_empty() { String::new() } else { format!(" use {}", self.names(&function.uses)) };
        let result = if function.result.is_empty() { String::new() } else { format!(": {}", self.names(&function.result)) };
        let outer = function.outer.map(|o| format!(" in #{}", o.0)).unwrap_or_default();
        writeln!(out, "#{number} {kind} {class}{}({}){uses}{result}{outer}", self.text(function.name), params.join(", ")).unwrap();
        for stmt in &function.body {
            writeln!(out, "  {}", self.stmt(stmt)).unwrap();
        }
    }

    fn member(&self, member: &Member, property: bool) -> String {
        let fixed = if property && member.is_static { "static " } else { "" };
        let types = if member.types.is_empty() { String::new() } else { format!("{} ", self.names(&member.types)) };
        let value = member.value.map(|v| format!(" = {}", self.expr(v))).unwrap_or_default();
        format!("{fixed}{types}{}{}{value}", if property { "$" } else { "" }, self.text(member.name))
    }

    fn stmt(&self, stmt: &Stmt) -> String {
        match *stmt {
            Stmt::Expr(e) => self.expr(e),
            Stmt::Return(e) => format!("return {}", self.expr(e)),
            Stmt::Yield { key, value } => match key {
                Some(key) => format!("yield {} => {}", self.expr(key), self.expr(value)),
                None => format!("yield {}", self.expr(value)),
            },
            Stmt::Foreach { subject, key, value } => {
                let key = key.map(|k| format!("{} => ", self.expr(k))).unwrap_or_default();
                format!("foreach {} as {key}{}", self.expr(subject), self.expr(value))
            }
            Stmt::StaticVariable { name, default } => {
                format!("static ${}{}", self.text(name), default.map(|d| format!(" = {}", self.expr(d))).unwrap_or_default())
            }
            Stmt::Global(name) => format!("global ${}", self.text(name)),
            Stmt::Constant { name, value } => format!("const {} = {}", self.text(name), self.expr(value)),
        }
    }

    fn expr(&self, id: ExprId) -> String {
        match self.script.expr(id).kind {
            ExprKind::Text(text) => format!("{:?}", self.text(text)),
            ExprKind::Integer(value) => value.to_string(),
            ExprKind::Null => "null".to_owned(),
            ExprKind::Constant(name) => self.text(name).to_owned(),
            ExprKind::Variable(name) => format!("${}", self.text(name)),
            ExprKind::Property { object, name } => format!("{}->{}", self.expr(object), self.text(name)),
            ExprKind::StaticProperty { class, name } => format!("{}::${}", self.text(class), self.text(name)),
            ExprKind::ClassConstant { class, name } => format!("{}::{}", self.text(class), self.text(name)),
            ExprKind::Index { array, index } => format!("{}[{}]", self.expr(array), index.map(|i| self.expr(i)).unwrap_or_default()),
            ExprKind::Call { name, args } => format!("{}({})", self.text(name), self.args(args)),
            ExprKind::CallValue { callee, args } => format!("<{}>({})", self.expr(callee), self.args(args)),
            ExprKind::Method { object, name, args } => format!("{}->{}({})", self.expr(object), self.text(name), self.args(args)),
            ExprKind::Static { class, name, args } => format!("{}::{}({})", self.text(class), self.text(name), self.args(args)),
            ExprKind::New { class, args } => format!("new {}({})", self.text(class), self.args(args)),
            ExprKind::Concat(list) => format!("({})", self.list(list, " . ")),
            ExprKind::Array(elements) => {
                let element = |e: &super::ir::Element| {
                    let key = e.key.map(|k| format!("{} => ", self.expr(k))).unwrap_or_default();
                    let dots = if e.spread { "..." } else { "" };
                    format!("{key}{dots}{}", e.value.map(|v| self.expr(v)).unwrap_or_default())
                };
                format!("[{}]", self.script.elements(elements).iter().map(element).collect::<Vec<_>>().join(", "))
            }
            ExprKind::Assign { target, value } => format!("{} = {}", self.expr(target), self.expr(value)),
            ExprKind::Append { target, value } => format!("{} .= {}", self.expr(target), self.expr(value)),
            ExprKind::Choice(list) => format!("choice({})", self.list(list, " | ")),
            ExprKind::Cast { to, value } => format!("({}){}", cast(to), self.expr(value)),
            ExprKind::InstanceOf { value, class } => format!("{} instanceof {}", self.expr(value), self.text(class)),
            ExprKind::Equal { left, right } => format!("{} == {}", self.expr(left), self.expr(right)),
            ExprKind::Closure(id) => format!("#{}", id.0),
            ExprKind::Other(list) => format!("other({})", self.list(list, ", ")),
        }
    }

    fn args(&self, args: Slice) -> String {
        let arg = |a: &Arg| {
            let name = a.name.map(|n| format!("{}: ", self.text(n))).unwrap_or_default();
            format!("{name}{}{}", if a.spread { "..." } else { "" }, self.expr(a.value))
        };
        self.script.args(args).iter().map(arg).collect::<Vec<_>>().join(", ")
    }

    fn list(&self, list: Slice, between: &str) -> String {
        self.script.list(list).iter().map(|e| self.expr(*e)).collect::<Vec<_>>().join(between)
    }

    fn names(&self, names: &[Sym]) -> String {
        names.iter().map(|n| self.text(*n)).collect::<Vec<_>>().join("|")
    }

    fn text(&self, sym: Sym) -> &str {
        self.script.text(sym)
    }
}

fn cast(to: Cast) -> &'static str {
    match to {
        Cast::Int => "int",
        Cast::String => "string",
        Cast::Array => "array",
        Cast::Object => "object",
        Cast::Lossy => "lossy",
    }
}
