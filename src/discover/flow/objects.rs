//! Objects of the extension's own classes: their methods, what they answer by magic, calls by name.

use super::calls::Callee;
use super::graph::{Node, Slot};
use super::label::{Key, Strength, Transfer, What};
use super::layer::{Label, Origin};
use super::library;
use super::solve::Solver;
use crate::discover::program::{Cls, Fun, Name};
use crate::extension::php::ir::{ExprKind, FunctionKind};
use crate::panel::catalogue;

/// A call of an abstract method is followed into at most this many classes.
const MAX_OVERRIDES: usize = 24;

/// How the name of a method becomes that of an element.
#[derive(Debug, Clone, Copy)]
pub(super) enum Spelling {
    /// `getOwnerId` → `OwnerId`.
    AsItIs,
    /// `getOwnerId` → `ownerId`.
    Camel,
    /// `getOwnerId` → `owner_id`.
    Snake,
}

impl Solver<'_, '_> {
    /// `new` of one of the extension's classes.
    pub(super) fn make_own(&mut self, number: u32, cls: Cls) {
        let result = self.calls[number as usize].result;
        self.seed(result, What::Own(cls), Strength::Shown, Origin::Call(number));
        self.make_record(number, 0, cls);
        let constructor = self.program.intern("__construct");
        if self.program.method(cls, constructor).is_none() && self.program.outside_parent(cls).is_some() {
            self.options(number, cls);
        }
        self.call_own(number, cls, constructor);
    }

    /// A call makes a row of what it gives at `position`, if objects of `cls` are rows.
    fn make_record(&mut self, number: u32, position: usize, cls: Cls) {
        if let (Some(table), Some(values)) = (self.records.table(cls), self.calls[number as usize].positional(position)) {
            let (table, values) = (self.program.intern(table), values.node);
            self.rows(values, table);
        }
    }

    /// `new` of a class that is not the extension's.
    pub(super) fn make_panel(&mut self, number: u32, class: Name) {
        let result = self.calls[number as usize].result;
        self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
        let text = self.program.text(class).to_owned();
        if library::is_file_class(&text) {
            self.seed(result, What::Handle(number), Strength::Shown, Origin::Call(number));
        }
        if library::reads_xml(&text) {
            self.seed(result, What::Answer(super::label::Answer::Xml), Strength::Shown, Origin::Call(number));
        }
        let constructor = self.program.intern("__construct");
        self.call_panel(number, class, constructor, Strength::Shown);
    }

    /// The framework's classes take an array of options into properties of the same names, with or without an underscore before them.
    fn options(&mut self, number: u32, cls: Cls) {
        let Some(options) = self.calls[number as usize].positional(0).map(|a| a.node) else { return };
        let mut properties: Vec<Name> = Vec::new();
        for owner in self.program.lineage(cls).to_vec() {
            let (script, class) = self.program.class(owner);
            properties.extend(class.properties.iter().map(|p| self.program.name(script, p.name)));
        }
        let mut inner = Vec::new();
        for under in &catalogue::get().shared.options_under {
            if let Some(name) = self.program.find(under) {
                let node = self.graph.temporary();
                self.connect(options, node, Transfer::Unwrap(Key::named(name)));
                inner.push(node);
            }
        }
        for property in properties {
            let text = self.program.text(property).to_owned();
            let slot = self.property(cls, property);
            for spelled in [text.as_str(), text.trim_start_matches('_')] {
                let Some(name) = self.program.find(spelled) else { continue };
                self.connect(options, slot, Transfer::Unwrap(Key::named(name)));
                for inner in &inner {
                    self.connect(*inner, slot, Transfer::Unwrap(Key::named(name)));
                }
            }
        }
    }

    /// A container gives an object of the class that the call names: `$container->get(Store::class)`.
    pub(super) fn made_by_name(&mut self, number: u32, method: &str) {
        if !library::makes_object(method) {
            return;
        }
        let call = &self.calls[number as usize];
        let Some(first) = call.positional(0) else { return };
        let script = &self.program.scripts()[call.script as usize];
        let ExprKind::ClassConstant { class, name } = script.expr(first.expr).kind else { return };
        if script.text(name) == "class"
            && let Some(cls) = self.program.class_named(script.text(class))
        {
            let result = call.result;
            self.seed(result, What::Own(cls), Strength::Shown, Origin::Call(number));
        }
    }

    /// A method of one of the extension's classes is called.
    pub(super) fn call_own(&mut self, number: u32, cls: Cls, method: Name) {
        let found = self.program.method(cls, method);
        if let Some(fun) = found {
            let (_, function) = self.program.function(fun);
            self.bind_this(fun, cls);
            self.join(number, fun);
            self.fill(number, fun, cls);
            if let Some(position) = self.records.makes(fun) {
                self.make_record(number, position, cls);
            }
            if !function.body.is_empty() {
                return;
            }
        }
        // An interface's method, or an abstract one: whichever class has it.
        let below: Vec<Cls> = self.program.below(cls).iter().copied().take(MAX_OVERRIDES).collect();
        let mut known = found.is_some();
        for other in below {
            if let Some(fun) = self.program.own_method(other, method) {
                self.bind_this(fun, other);
                self.join(number, fun);
                known = true;
            }
        }
        if known {
            return;
        }
        if self.magic_call(number, cls, method) {
            return;
        }
        if let Some(table) = self.tables.of_gateway(self.program, cls) {
            self.call_table(number, table, method);
        }
        if let Some(parent) = self.program.outside_parent(cls) {
            let parent = self.program.intern(&parent.to_ascii_lowercase());
            self.call_panel(number, parent, method, Strength::Shown);
        }
    }

    /// A method that fills a table of each class is called on an object of `cls`.
    fn fill(&mut self, number: u32, fun: Fun, cls: Cls) {
        let sql = self.sql;
        let Some(tables) = sql.filling.get(&fun) else { return };
        let call = &self.calls[number as usize];
        // Where such a method hands its rows on to another, its callers have filled the table.
        if let Callee::Method(receiver, _) = call.callee
            && let Some(Slot::Variable(around, name)) = self.graph.as_slot(receiver)
            && self.program.text(name) == "this"
            && sql.filling.contains_key(&around)
        {
            return;
        }
        let rows: Vec<Node> = call.args.iter().filter(|arg| !arg.spread).map(|arg| arg.node).collect();
        let known = tables.iter().any(|(of, _)| *of == cls);
        for (_, table) in tables.iter().filter(|(of, _)| !known || *of == cls) {
            let table = self.program.intern(table);
            rows.iter().for_each(|row| self.rows(*row, table));
        }
    }

    fn bind_this(&mut self, fun: Fun, cls: Cls) {
        let this = self.program.intern("this");
        let (_, function) = self.program.function(fun);
        if function.kind == FunctionKind::Method {
            let node = self.graph.slot(Slot::Variable(fun, this));
            self.seed(node, What::Own(cls), Strength::Shown, Origin::Declared);
        }
    }

    /// An object of `cls` came to `node`: its properties, its elements, its text.
    pub(super) fn arrive_object(&mut self, node: Node, cls: Cls) {
        if !self.ends.is_opened(node) {
            return;
        }
        if let Some(accesses) = self.properties.get(&node).cloned() {
            let (get, set) = (self.backing(cls, "__get"), self.backing(cls, "__set"));
            for (name, access) in accesses {
                if let Some(column) = self.record_column(cls, name) {
                    self.connect(column, access, Transfer::Copy);
                    self.connect(access, column, Transfer::Copy);
                    continue;
                }
                if (get.is_some() || set.is_some()) && !self.declares(cls, name) {
                    for property in [get, set].into_iter().flatten() {
                        self.tie(property, access, Key::named(name));
                    }
                    continue;
                }
                let slot = self.property(cls, name);
                self.connect(slot, access, Transfer::Copy);
                self.connect(access, slot, Transfer::Copy);
            }
        }
        if let Some(accesses) = self.elements.get(&node).cloned() {
            let backing = [self.backing(cls, "offsetget"), self.backing(cls, "offsetset")];
            for (name, access) in accesses {
                for property in backing.into_iter().flatten() {
                    self.tie(property, access, Key::named(name));
                }
            }
        }
        for array in self.filled.get(&node).cloned().unwrap_or_default() {
            for owner in self.program.lineage(cls).to_vec() {
                let (script, class) = self.program.class(owner);
                let names: Vec<Name> = class.properties.iter().map(|p| self.program.name(script, p.name)).collect();
                for name in names {
                    let property = self.property(cls, name);
                    self.connect(array, property, Transfer::Unwrap(Key::named(name)));
                }
            }
        }
        self.spell(node, cls);
    }

    /// `$this->owner` in a class whose objects are rows is the column of that name.
    pub(super) fn own_columns(&mut self) {
        for cls in self.records.classes() {
            for (name, property) in self.graph.properties(cls).to_vec() {
                if let Some(column) = self.record_column(cls, name) {
                    self.connect(column, property, Transfer::Copy);
                    self.connect(property, column, Transfer::Copy);
                }
            }
        }
    }

    /// The column that a property of an object of `cls` is, where such objects are rows. All of their classes share the array that a base class keeps
    /// the values in, and no two of them a column.
    fn record_column(&mut self, cls: Cls, name: Name) -> Option<Node> {
        let table = self.records.table(cls)?;
        let column = self.program.text(name).to_lowercase();
        let known = self.tables.get(table)?.columns.iter().any(|c| c.folded == column);
        (known && !self.declares(cls, name)).then(|| self.column(table, &column))
    }

    /// Whether an object of `class` keeps its properties in the user's session.
    pub(in crate::discover) fn is_session_class(&self, class: Name) -> bool {
        catalogue::get().shared.session_classes.iter().any(|c| c.eq_ignore_ascii_case(self.program.text(class)))
    }

    /// For each node that properties are taken of, their names and expressions, ordered by the nodes.
    pub(in crate::discover) fn property_accesses(&self) -> Vec<(&Node, &Vec<(Name, Node)>)> {
        let mut all: Vec<_> = self.properties.iter().collect();
        all.sort_unstable_by_key(|(node, _)| **node);
        all
    }

    /// What the property expression `node` is taken of.
    pub(in crate::discover) fn property_accesses_of(&self, node: Node) -> Option<Node> {
        self.graph.in_edges(node).find(|e| matches!(e.transfer, Transfer::Unwrap(_))).map(|e| e.from)
    }

    /// The object into which a property is put, or of which it is taken, by the expression `access`.
    pub(in crate::discover) fn holder_of(&self, access: Node) -> Option<Node> {
        let all = || self.properties.iter().flat_map(|(object, taken)| taken.iter().map(move |(_, access)| (*access, *object))).collect();
        self.holders.get_or_init(all).get(&access).copied()
    }

    /// The text that an object was made with; `origin` is that of its label.
    pub(in crate::discover) fn first_text(&self, origin: Origin) -> Option<String> {
        let mut at = origin;
        while let Origin::From(entry) = at {
            at = self.label(entry).origin;
        }
        let Origin::Call(number) = at else { return None };
        let name = self.constant_argument(number, 0)?;
        Some(self.program.text(name).to_owned())
    }

    /// What `jsonSerialize` of `cls` gives.
    pub(in crate::discover) fn serialized(&self, cls: Cls) -> Option<Node> {
        let fun = self.program.method(cls, self.program.find("jsonserialize")?)?;
        self.graph.find(Slot::Result(fun))
    }

    /// The text of an object.
    fn spell(&mut self, node: Node, cls: Cls) {
        let mut made = self.texts.spelled.get(&node).cloned().unwrap_or_default();
        if self.texts.inside.contains_key(&node) {
            made.push(node);
        }
        if made.is_empty() {
            return;
        }
        let name = self.program.intern("__tostring");
        let Some(fun) = self.program.method(cls, name) else { return };
        self.bind_this(fun, cls);
        let text = self.graph.slot(Slot::Result(fun));
        made.into_iter().for_each(|to| self.connect(text, to, Transfer::Copy));
    }

    fn declares(&self, cls: Cls, name: Name) -> bool {
        self.program.lineage(cls).iter().any(|c| {
            let (script, class) = self.program.class(*c);
            class.properties.iter().any(|p| self.program.name(script, p.name) == name)
        })
    }

    /// What stands under `key` of a property is the value of an expression, whichever of the two is written.
    fn tie(&mut self, property: Node, access: Node, key: Key) {
        self.connect(property, access, Transfer::Unwrap(key));
        self.connect(access, property, Transfer::Wrap(key));
    }

    /// The property whose elements a magic method takes its answers from: `$this->data[$name]`.
    fn backing(&mut self, cls: Cls, method: &str) -> Option<Node> {
        let method = self.program.find(method)?;
        let fun = self.program.method(cls, method)?;
        let name = match self.backings.get(&fun) {
            Some(known) => *known,
            None => {
                let found = self.indexed_property(fun);
                self.backings.insert(fun, found);
                found
            }
        };
        Some(self.property(cls, name?))
    }

    /// The first property of `$this` that a method takes an element of.
    fn indexed_property(&self, fun: Fun) -> Option<Name> {
        let (script, function) = self.program.function(fun);
        let file = &self.program.scripts()[script as usize];
        let property = file.exprs.iter().filter(|e| e.at.is_in(function.at)).find_map(|e| {
            let ExprKind::Index { array, .. } = e.kind else { return None };
            let ExprKind::Property { object, name } = file.expr(array).kind else { return None };
            matches!(file.expr(object).kind, ExprKind::Variable(this) if file.text(this) == "this").then_some(name)
        })?;
        Some(self.program.name(script, property))
    }

    /// `getOwner()` and `setOwner($value)` of a class that has `__call` instead.
    fn magic_call(&mut self, number: u32, cls: Cls, method: Name) -> bool {
        let Some(property) = self.backing(cls, "__call") else { return false };
        let call = &self.calls[number as usize];
        let (script, expr, result) = (call.script, call.expr, call.result);
        let value = call.positional(0).map(|a| a.node);
        let ExprKind::Method { name, .. } = self.program.scripts()[script as usize].expr(expr).kind else { return false };
        let spelled = self.program.scripts()[script as usize].text(name).to_owned();
        let Some(rest) = spelled.get(3..).filter(|r| !r.is_empty()) else { return false };
        let sets = self.program.text(method).starts_with("set");
        if !sets && !self.program.text(method).starts_with("get") {
            return false;
        }
        let spelling = match self.spelling(cls) {
            Spelling::AsItIs => rest.to_owned(),
            Spelling::Camel => {
                let mut chars = rest.chars();
                let first = chars.next().map(char::to_lowercase);
                first.into_iter().flatten().chain(chars).collect()
            }
            Spelling::Snake => crate::discover::names::words(rest).join("_"),
        };
        let key = Key::named(self.program.intern(&spelling));
        match value {
            Some(value) if sets => self.connect(value, property, Transfer::Wrap(key)),
            _ => self.connect(property, result, Transfer::Unwrap(key)),
        }
        true
    }

    /// How `__call` of `cls` makes an element's name of a method's.
    fn spelling(&mut self, cls: Cls) -> Spelling {
        let Some(fun) = self.program.find("__call").and_then(|name| self.program.method(cls, name)) else { return Spelling::AsItIs };
        match self.spellings.get(&fun) {
            Some(known) => *known,
            None => {
                let found = self.find_spelling(fun);
                self.spellings.insert(fun, found);
                found
            }
        }
    }

    fn find_spelling(&self, fun: Fun) -> Spelling {
        let (script, function) = self.program.function(fun);
        let file = &self.program.scripts()[script as usize];
        let mut spelling = Spelling::AsItIs;
        for expr in file.exprs.iter().filter(|e| e.at.is_in(function.at)) {
            if let ExprKind::Call { name, .. } = expr.kind {
                match file.text(name).trim_start_matches('\\').to_ascii_lowercase().as_str() {
                    "lcfirst" => spelling = Spelling::Camel,
                    "preg_replace" | "preg_replace_callback" | "preg_split" => return Spelling::Snake,
                    _ => {}
                }
            }
        }
        spelling
    }

    /// A call of a value that is the name of a function: `'name'`, `'Class::name'`.
    pub(super) fn call_text(&mut self, number: u32, node: Node) {
        for text in self.class_texts(node) {
            match text.split_once("::") {
                Some((class, method)) => self.call_static(number, class, method),
                None => {
                    if let Some(fun) = self.program.function_named(&text) {
                        self.join(number, fun);
                    }
                }
            }
        }
        for (class, method) in self.static_callables(node) {
            self.call_static(number, &class, &method);
        }
    }

    /// A call of a method of a class, both known by their names alone.
    fn call_static(&mut self, number: u32, class: &str, method: &str) {
        let method = self.program.intern(&method.to_ascii_lowercase());
        let class = class.trim_start_matches('\\').to_ascii_lowercase();
        match self.program.class_named(&class) {
            Some(cls) => self.call_own(number, cls, method),
            None => {
                let class = self.program.intern(&class);
                self.call_panel(number, class, method, Strength::Shown);
            }
        }
    }

    /// An object came to the first place of an array that is called: `[$object, 'name']`.
    pub(super) fn arrive_in_callable(&mut self, label: Label) {
        if !matches!(label.what, What::Own(_) | What::Panel(_)) {
            return;
        }
        if let (What::Own(cls), Some(method)) = (label.what, self.named_beside(label.node))
            && let Some(fun) = self.program.method(cls, method)
        {
            self.bind_this(fun, cls);
            self.seed(label.node, What::Closure(fun), Strength::Shown, Origin::Declared);
        }
        for at in self.ends.receivers(label.node) {
            let (number, callee) = self.ends.receiver(at);
            if !matches!(callee, Callee::Value(_)) {
                continue;
            }
            for (_, name) in self.callables(label.node) {
                let name = self.program.intern(&name.to_ascii_lowercase());
                match label.what {
                    What::Own(cls) => self.call_own(number, cls, name),
                    What::Panel(class) => self.call_panel(number, class, name, label.strength),
                    _ => {}
                }
            }
        }
    }

    /// The method that an array literal names behind an object: `[$object, 'name']`, `$object->name(...)`.
    fn named_beside(&mut self, node: Node) -> Option<Name> {
        let (script, expr) = self.graph.as_expr(node)?;
        let file = &self.program.scripts()[script as usize];
        let ExprKind::Array(elements) = file.expr(expr).kind else { return None };
        let [_, name] = file.elements(elements) else { return None };
        let ExprKind::Text(name) = file.expr(name.value?).kind else { return None };
        let name = file.text(name).to_ascii_lowercase();
        self.program.find(&name)
    }

    /// The arrays of an object and a method's name that come to `node`, as the object's node and the name.
    fn callables(&self, node: Node) -> Vec<(Node, String)> {
        let mut found = Vec::new();
        for from in self.origins(node) {
            let Some((script, expr)) = self.graph.as_expr(from) else { continue };
            let file = &self.program.scripts()[script as usize];
            let ExprKind::Array(elements) = file.expr(expr).kind else { continue };
            let [object, name] = file.elements(elements) else { continue };
            let (Some(object), Some(name)) = (object.value, name.value) else { continue };
            if let ExprKind::Text(name) = file.expr(name).kind {
                found.push((self.graph.expr(script, object), file.text(name).to_owned()));
            }
        }
        found
    }

    /// The same where the object is a class: `[Store::class, 'save']`, `['Store', 'save']`.
    fn static_callables(&self, node: Node) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (object, name) in self.callables(node) {
            let Some((script, expr)) = self.graph.as_expr(object) else { continue };
            let file = &self.program.scripts()[script as usize];
            match file.expr(expr).kind {
                ExprKind::Text(class) => found.push((file.text(class).to_owned(), name)),
                ExprKind::ClassConstant { class, .. } => found.push((file.text(class).to_owned(), name)),
                _ => {}
            }
        }
        found
    }
}
