//! The facts as the grammar of tree-sitter-php tells them. Nothing of reguid is used here: names are resolved and literals decoded anew.

use std::collections::HashMap;
use std::ops::Range;

use tree_sitter::{Node, Parser};

use crate::facts::Facts;
use crate::literal::{decode, decode_single, heredoc_indentation};

/// The facts of a file. `None` when the grammar does not take it, or takes it for what it is not: to it, a line of a heredoc that begins with `#`, `//`
/// or `/*` is a comment.
pub(crate) fn facts(source: &[u8]) -> Option<Facts> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_php::LANGUAGE_PHP.into()).expect("a grammar of this version");
    let tree = parser.parse(source, None)?;
    if tree.root_node().has_error() {
        return None;
    }
    let mut reader = Reader { source, facts: Facts::default(), names: Names::default(), classes: Vec::new(), misread: false };
    reader.node(tree.root_node());
    (!reader.misread).then(|| reader.facts.sorted())
}

/// The current namespace and its imports.
#[derive(Default)]
struct Names {
    namespace: String,
    /// By alias in lower case.
    classes: HashMap<String, String>,
    functions: HashMap<String, String>,
}

impl Names {
    fn enter(&mut self, namespace: String) {
        *self = Names { namespace, ..Names::default() };
    }

    fn declared(&self, name: &str) -> String {
        if self.namespace.is_empty() { name.to_owned() } else { format!("{}\\{name}", self.namespace) }
    }

    fn class(&self, name: &str) -> String {
        let lower = name.to_ascii_lowercase();
        if matches!(lower.as_str(), "self" | "static" | "parent") {
            return lower;
        }
        match self.classes.get(&lower) {
            Some(full) if !name.contains('\\') => full.clone(),
            _ if !name.contains('\\') => self.declared(name),
            _ => self.qualified(name),
        }
    }

    fn function(&self, name: &str) -> String {
        if name.contains('\\') {
            return self.qualified(name);
        }
        self.functions.get(&name.to_ascii_lowercase()).cloned().unwrap_or_else(|| name.to_owned())
    }

    /// A name with a backslash in it.
    fn qualified(&self, name: &str) -> String {
        if let Some(full) = name.strip_prefix('\\') {
            return full.to_owned();
        }
        let (first, rest) = name.split_once('\\').expect("a backslash");
        if first.eq_ignore_ascii_case("namespace") {
            return self.declared(rest);
        }
        match self.classes.get(&first.to_ascii_lowercase()) {
            Some(full) => format!("{full}\\{rest}"),
            None => self.declared(name),
        }
    }
}

struct Reader<'s> {
    source: &'s [u8],
    facts: Facts,
    names: Names,
    /// The classes around.
    classes: Vec<String>,
    /// Text was taken for something else.
    misread: bool,
}

impl Reader<'_> {
    fn children(&mut self, node: Node<'_>) {
        for child in nodes(node) {
            self.node(child);
        }
    }

    fn node(&mut self, node: Node<'_>) {
        match node.kind() {
            // Keywords, `string` among them.
            _ if !node.is_named() => {}
            // reguid reads neither.
            "attribute_list" | "declare_directive" => {}
            "namespace_definition" => {
                let name = node.child_by_field_name("name").map(|name| self.text(name)).unwrap_or_default();
                self.names.enter(name);
                if let Some(body) = node.child_by_field_name("body") {
                    self.node(body);
                    self.names.enter(String::new());
                }
            }
            "namespace_use_declaration" => self.import(node),
            "class_declaration" | "interface_declaration" | "trait_declaration" | "enum_declaration" => {
                let name = self.names.declared(&self.field(node, "name"));
                self.class(name, node);
            }
            "anonymous_class" => {
                // Its arguments stand outside of it.
                for child in nodes(node).into_iter().filter(|child| child.kind() == "arguments") {
                    self.node(child);
                }
                self.class(String::new(), node);
            }
            "function_definition" => {
                let name = self.names.declared(&self.field(node, "name"));
                self.facts.functions.push(name);
                self.children(node);
            }
            "method_declaration" => {
                let name = self.field(node, "name");
                self.method(&name);
                self.children(node);
            }
            "property_declaration" | "property_promotion_parameter" => self.property(node),
            "anonymous_function" | "arrow_function" => {
                self.facts.functions.push("fn".to_owned());
                self.children(node);
            }
            "function_call_expression"
            | "member_call_expression"
            | "nullsafe_member_call_expression"
            | "scoped_call_expression"
            | "object_creation_expression" => self.call(node),
            // `->{'a-name'}`: the text is the property's name.
            "member_access_expression" | "nullsafe_member_access_expression" => {
                let is_text = |name: Node<'_>| {
                    let plain = |part: &Node<'_>| matches!(part.kind(), "string_content" | "escape_sequence");
                    name.kind() == "string" || (name.kind() == "encapsed_string" && nodes(name).iter().all(plain))
                };
                let name = node.child_by_field_name("name").filter(|name| is_text(*name));
                nodes(node).into_iter().filter(|child| Some(child.id()) != name.map(|n| n.id())).for_each(|child| self.node(child));
            }
            "string" => {
                let text = decode_single(inner(&self.source[node.byte_range()]));
                self.facts.texts.push(text);
            }
            "encapsed_string" | "shell_command_expression" => {
                let bytes = &self.source[node.byte_range()];
                let start = node.start_byte() + bytes.len() - strip_prefix(bytes).len() + 1;
                let quote = if node.kind() == "encapsed_string" { b'"' } else { b'`' };
                let never_empty = node.kind() == "encapsed_string";
                self.interpolated(node, start..node.end_byte() - 1, Some(quote), 0, never_empty);
            }
            "heredoc" | "nowdoc" => self.heredoc(node),
            _ => self.children(node),
        }
    }

    fn class(&mut self, name: String, node: Node<'_>) {
        self.facts.classes.push(name.clone());
        self.classes.push(name);
        for child in nodes(node).into_iter().filter(|child| child.kind() != "arguments") {
            self.node(child);
        }
        self.classes.pop();
    }

    fn method(&mut self, name: &str) {
        let class = self.classes.last().cloned().unwrap_or_default();
        self.facts.functions.push(format!("{class}::{name}"));
    }

    /// A property, with its hooks as methods.
    fn property(&mut self, node: Node<'_>) {
        let elements = nodes(node);
        let holder = elements.iter().find(|child| child.kind() == "property_element").copied().unwrap_or(node);
        let property = self.field(holder, "name").trim_start_matches(['&', ' ']).to_owned();
        let hooks = elements.iter().filter(|child| child.kind() == "property_hook_list").flat_map(|list| nodes(*list));
        for hook in hooks.filter(|child| child.kind() == "property_hook") {
            let name = nodes(hook).into_iter().find(|child| child.kind() == "name").expect("a hook has a name");
            let name = format!("{property}::{}", self.text(name).to_ascii_lowercase());
            self.method(&name);
        }
        self.children(node);
    }

    /// A call. `name(...)` makes a closure and calls nothing.
    fn call(&mut self, node: Node<'_>) {
        let arguments = nodes(node).into_iter().find(|child| child.kind() == "arguments");
        let is_call = arguments.is_none_or(|arguments| nodes(arguments).iter().all(|child| child.kind() != "variadic_placeholder"));
        let name = match node.kind() {
            "function_call_expression" => {
                let function = node.child_by_field_name("function").expect("a called function");
                if is_name(function) { self.names.function(&self.name(function)) } else { "<value>".to_owned() }
            }
            "object_creation_expression" => self.created(node),
            "scoped_call_expression" => {
                let scope = node.child_by_field_name("scope").expect("a scope");
                let method = self.member(node);
                match method {
                    Some(method) if is_name(scope) || scope.kind() == "relative_scope" => {
                        format!("{}::{method}", self.names.class(&self.name(scope)))
                    }
                    Some(method) => format!("->{method}"),
                    None => "<value>".to_owned(),
                }
            }
            _ => self.member(node).map_or("<value>".to_owned(), |method| format!("->{method}")),
        };
        if is_call {
            // The first argument of `define` is the name of a constant.
            let defined = name.eq_ignore_ascii_case("define").then(|| arguments.and_then(|arguments| arguments.named_child(0))).flatten();
            self.facts.call(name, node.start_position().row + 1);
            if let (Some(defined), Some(arguments)) = (defined, arguments)
                && defined.named_child_count() == 1
                && defined.named_child(0).is_some_and(|value| matches!(value.kind(), "string" | "encapsed_string"))
            {
                for child in nodes(arguments).into_iter().filter(|child| *child != defined) {
                    self.node(child);
                }
                return;
            }
        }
        self.children(node);
    }

    /// `new Class`, or a call of a value where the class is one.
    fn created(&self, node: Node<'_>) -> String {
        let class = node.named_child(0).expect("a class");
        match class.kind() {
            "anonymous_class" => "new ".to_owned(),
            _ if is_name(class) || class.kind() == "relative_scope" => format!("new {}", self.names.class(&self.name(class))),
            _ => "<value>".to_owned(),
        }
    }

    /// The name of a called method; `None` where it is a value.
    fn member(&self, node: Node<'_>) -> Option<String> {
        let name = node.child_by_field_name("name")?;
        let braced = name.prev_sibling().is_some_and(|before| before.kind() == "{");
        (name.kind() == "name" && !braced).then(|| self.text(name))
    }

    fn import(&mut self, node: Node<'_>) {
        let kind = |node: Node<'_>| node.child_by_field_name("type").map(|kind| kind.kind().to_ascii_lowercase());
        let prefix = nodes(node).into_iter().find(|child| child.kind() == "namespace_name").map(|prefix| self.text(prefix));
        let group = node.child_by_field_name("body");
        for clause in nodes(group.unwrap_or(node)).into_iter().filter(|child| child.kind() == "namespace_use_clause") {
            let kind = kind(clause).or_else(|| kind(node));
            let Some(name) = nodes(clause).into_iter().find(|child| matches!(child.kind(), "name" | "qualified_name")) else { continue };
            let name = self.name(name);
            let name = name.trim_start_matches('\\');
            let full = prefix.as_ref().map_or_else(|| name.to_owned(), |prefix| format!("{prefix}\\{name}"));
            let alias = clause.child_by_field_name("alias").map(|alias| self.text(alias));
            let alias = alias.unwrap_or_else(|| full.rsplit('\\').next().unwrap_or_default().to_owned()).to_ascii_lowercase();
            match kind.as_deref() {
                None => drop(self.names.classes.insert(alias, full)),
                Some("function") => drop(self.names.functions.insert(alias, full)),
                Some(_) => {}
            }
        }
    }

    fn heredoc(&mut self, node: Node<'_>) {
        let bytes = &self.source[node.byte_range()];
        let line_break = |b: &u8| matches!(b, b'\n' | b'\r');
        let first_line = bytes.iter().position(line_break).expect("a heredoc has lines");
        let first = first_line + if bytes[first_line..].starts_with(b"\r\n") { 2 } else { 1 };
        let mut last = bytes.iter().rposition(line_break).expect("a heredoc has lines");
        let indentation = heredoc_indentation(&bytes[last + 1..]);
        last -= usize::from(last > first && bytes[last] == b'\n' && bytes[last - 1] == b'\r');
        let content = node.start_byte() + first..node.start_byte() + last.max(first);
        if node.kind() == "nowdoc" {
            let text = decode(&self.source[content], None, indentation, true, false);
            self.facts.texts.push(text);
            return;
        }
        let body = node.child_by_field_name("value").filter(|value| value.kind() == "heredoc_body");
        let parts = nodes(node).into_iter().chain(body.into_iter().flat_map(nodes));
        self.misread |= parts.filter(|part| content.contains(&part.start_byte())).any(|part| part.kind() == "comment");
        match body {
            Some(body) => self.interpolated(body, content, None, indentation, true),
            None => self.facts.texts.push(decode(&self.source[content], None, indentation, true, true)),
        }
    }

    /// The parts of a text between `content`, and what stands in it. A text without any part is empty.
    fn interpolated(&mut self, node: Node<'_>, content: Range<usize>, quote: Option<u8>, indentation: usize, never_empty: bool) {
        let heredoc = quote.is_none();
        let mut at = content.start;
        let mut parts = Vec::new();
        let mut holes = 0;
        for child in nodes(node) {
            if !child.is_named() || matches!(child.kind(), "string_content" | "escape_sequence") {
                continue;
            }
            let open = child.prev_sibling().filter(|n| n.kind() == "{");
            let close = child.next_sibling().filter(|n| n.kind() == "}");
            let hole = match (open, close) {
                (Some(open), Some(close)) => open.start_byte()..close.end_byte(),
                _ => child.byte_range(),
            };
            holes += 1;
            parts.push(at..hole.start);
            at = hole.end;
            // In `"$array[key]"` the key is a text.
            if open.is_none() && child.kind() == "subscript_expression" {
                let keys: Vec<String> = nodes(child).into_iter().filter(|key| key.kind() == "name").map(|key| self.text(key)).collect();
                self.facts.texts.extend(keys);
            } else {
                self.node(child);
            }
        }
        parts.push(at..content.end);
        let mut starts_line = heredoc;
        for part in parts {
            let raw = &self.source[part];
            let text = decode(raw, quote, indentation, starts_line, true);
            starts_line = false;
            if !text.is_empty() || holes == 0 && never_empty {
                self.facts.texts.push(text);
            }
        }
    }

    fn field(&self, node: Node<'_>, name: &str) -> String {
        node.child_by_field_name(name).map(|field| self.text(field)).unwrap_or_default()
    }

    fn text(&self, node: Node<'_>) -> String {
        String::from_utf8_lossy(&self.source[node.byte_range()]).into_owned()
    }

    /// A name as written, without blanks and comments between its parts.
    fn name(&self, node: Node<'_>) -> String {
        self.text(node).split_whitespace().collect()
    }
}

fn is_name(node: Node<'_>) -> bool {
    matches!(node.kind(), "name" | "qualified_name" | "relative_name")
}

fn nodes(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}

/// A literal without the `b` that may stand before it.
fn strip_prefix(literal: &[u8]) -> &[u8] {
    literal.strip_prefix(b"b").or_else(|| literal.strip_prefix(b"B")).unwrap_or(literal)
}

/// What stands between the quotes.
fn inner(literal: &[u8]) -> &[u8] {
    let literal = strip_prefix(literal);
    &literal[1..literal.len() - 1]
}
