//! Functions and classes.

use php_ast::{
    ArrowFunctionExpr, Block, ClassConstDecl, ClassDecl, ClassMember, ClassMemberKind, ClosureExpr, Comment, EnumDecl, EnumMemberKind,
    FunctionDecl, InterfaceDecl, MethodDecl, Name, Param as ParamNode, PropertyDecl, PropertyHook, PropertyHookBody, PropertyHookKind,
    Span, TraitDecl, TypeHint, TypeHintKind,
};

use super::Lowering;
use super::operand::index;
use crate::extension::php::ir::{Bytes, Class, ClassId, ExprKind, Function, FunctionId, FunctionKind, Member, Param, Stmt, Sym};

/// A function without content.
pub(super) fn function(name: Sym, kind: FunctionKind, at: Bytes) -> Function {
    Function {
        name,
        class: None,
        outer: None,
        kind,
        params: Vec::new(),
        uses: Vec::new(),
        result: Vec::new(),
        body: Vec::new(),
        doc: None,
        at,
    }
}

/// What a function's body is made of.
enum Body<'a> {
    Block(&'a Block<'a, 'a>),
    Value(&'a php_ast::Expr<'a, 'a>),
    /// `set => value` of a property hook: the value becomes the property's.
    Stored(Sym, &'a php_ast::Expr<'a, 'a>),
    None,
}

/// What functions, methods and closures have in common.
struct Signature<'a> {
    params: &'a [ParamNode<'a, 'a>],
    result: Option<&'a TypeHint<'a, 'a>>,
    doc: Option<&'a Comment<'a>>,
    body: Body<'a>,
}

impl<'a> Lowering<'a> {
    pub(super) fn function_decl(&mut self, decl: &'a FunctionDecl<'a, 'a>, span: Span) {
        let name = self.declared_name(decl.name.as_str().unwrap_or_default());
        let head = function(name, FunctionKind::Function, self.at(span));
        let signature = Signature {
            params: &decl.params,
            result: decl.return_type.as_ref(),
            doc: decl.doc_comment.as_ref(),
            body: Body::Block(decl.body),
        };
        self.add_function(head, signature);
    }

    pub(super) fn closure(&mut self, closure: &'a ClosureExpr<'a, 'a>, span: Span) -> FunctionId {
        let mut head = function(self.script.functions[0].name, FunctionKind::Closure, self.at(span));
        head.outer = Some(FunctionId(self.function));
        for used in closure.use_vars.iter() {
            let name = self.ident(&used.name);
            head.uses.push(name);
            if used.by_ref {
                self.shared.insert((self.function, name));
            }
        }
        let signature =
            Signature { params: &closure.params, result: closure.return_type.as_ref(), doc: None, body: Body::Block(closure.body) };
        self.add_function(head, signature)
    }

    pub(super) fn arrow(&mut self, arrow: &'a ArrowFunctionExpr<'a, 'a>, span: Span) -> FunctionId {
        let mut head = function(self.script.functions[0].name, FunctionKind::Arrow, self.at(span));
        head.outer = Some(FunctionId(self.function));
        let signature = Signature { params: &arrow.params, result: arrow.return_type.as_ref(), doc: None, body: Body::Value(arrow.body) };
        self.add_function(head, signature)
    }

    fn method(&mut self, class: ClassId, decl: &'a MethodDecl<'a, 'a>, span: Span) {
        let kind = if decl.modifiers.is_static { FunctionKind::StaticMethod } else { FunctionKind::Method };
        let mut head = function(self.ident(&decl.name), kind, self.at(span));
        head.class = Some(class);
        let body = decl.body.map_or(Body::None, Body::Block);
        let signature = Signature { params: &decl.params, result: decl.return_type.as_ref(), doc: decl.doc_comment.as_ref(), body };
        let id = self.add_function(head, signature);
        self.script.classes[class.0 as usize].methods.push(id);
        for param in decl.params.iter() {
            self.hooks(class, param.name.as_str().unwrap_or_default(), &param.hooks);
        }
    }

    /// Property hooks, as methods of the names `$property::get` and `$property::set`, which no written method can have.
    fn hooks(&mut self, class: ClassId, property: &'a str, hooks: &'a [PropertyHook<'a, 'a>]) {
        for hook in hooks {
            let set = hook.kind == PropertyHookKind::Set;
            let name = self.sym_copied(&format!("${property}::{}", if set { "set" } else { "get" }));
            let at = self.at(hook.span);
            let mut head = function(name, FunctionKind::Method, at);
            head.class = Some(class);
            if set && hook.params.is_empty() {
                let value = self.sym("value");
                head.params.push(Param {
                    name: value,
                    types: Vec::new(),
                    default: None,
                    promoted: false,
                    by_ref: false,
                    variadic: false,
                    at,
                });
            }
            let body = match &hook.body {
                PropertyHookBody::Block(block) => Body::Block(block),
                PropertyHookBody::Expression(value) if set => Body::Stored(self.sym(property), value),
                PropertyHookBody::Expression(value) => Body::Value(value),
                _ => Body::None,
            };
            let id = self.add_function(head, Signature { params: &hook.params, result: None, doc: None, body });
            self.script.classes[class.0 as usize].methods.push(id);
        }
    }

    /// Adds a function and lowers it. It gets its number before those that stand inside of it.
    fn add_function(&mut self, mut head: Function, signature: Signature<'a>) -> FunctionId {
        let id = FunctionId(index(self.script.functions.len()));
        head.doc = signature.doc.map(|doc| self.doc(doc));
        if let Some(result) = signature.result {
            self.types(result, false, &mut head.result);
        }
        let mark = self.body.len();
        let outer = std::mem::replace(&mut self.function, id.0);
        self.script.functions.push(head);
        let mut params = Vec::with_capacity(signature.params.len());
        for param in signature.params {
            params.push(self.param(param));
        }
        match signature.body {
            Body::Block(block) => self.body(&block.stmts),
            Body::Value(value) => {
                let value = self.expr(value);
                self.body.push(Stmt::Return(value));
            }
            Body::Stored(property, value) => {
                let at = self.at(value.span);
                let value = self.expr(value);
                let this = self.sym("this");
                let object = self.push(ExprKind::Variable(this), at);
                let target = self.push(ExprKind::Property { object, name: property }, at);
                let stored = self.push(ExprKind::Assign { target, value }, at);
                self.body.push(Stmt::Expr(stored));
            }
            Body::None => {}
        }
        let lowered = &mut self.script.functions[id.0 as usize];
        if !params.is_empty() {
            lowered.params = params;
        }
        lowered.body = self.body.drain(mark..).collect();
        self.function = outer;
        id
    }

    fn param(&mut self, param: &'a ParamNode<'a, 'a>) -> Param {
        if let Some(doc) = &param.doc_comment {
            self.comment(doc);
        }
        let mut types = Vec::new();
        if let Some(hint) = &param.type_hint {
            self.types(hint, true, &mut types);
        }
        Param {
            name: self.ident(&param.name),
            types,
            default: param.default.as_ref().map(|default| self.expr(default)),
            promoted: !param.modifiers.is_empty() || !param.hooks.is_empty(),
            by_ref: param.by_ref,
            variadic: param.variadic,
            at: self.at(param.span),
        }
    }

    /// The class names of a type, `self`, `static` and `parent` among them, and on demand its scalar types. `null` is left out.
    fn types(&mut self, hint: &'a TypeHint<'a, 'a>, scalars: bool, out: &mut Vec<Sym>) {
        match &hint.kind {
            TypeHintKind::Named(name) => out.push(self.class_name(name)),
            TypeHintKind::Keyword(keyword, _) => {
                let word = keyword.as_str();
                if matches!(word, "self" | "static" | "parent") || scalars && word != "null" {
                    out.push(self.sym(word));
                }
            }
            TypeHintKind::Nullable(inner) => self.types(inner, scalars, out),
            TypeHintKind::Union(types) | TypeHintKind::Intersection(types) => {
                types.iter().for_each(|inner| self.types(inner, scalars, out))
            }
            _ => {}
        }
    }

    fn new_class(&mut self, name: Sym, doc: Option<&'a Comment<'a>>, span: Span) -> ClassId {
        let id = ClassId(index(self.script.classes.len()));
        let (doc, at) = (doc.map(|doc| self.doc(doc)), self.at(span));
        self.script.classes.push(Class {
            name,
            parent: None,
            interfaces: Vec::new(),
            traits: Vec::new(),
            constants: Vec::new(),
            properties: Vec::new(),
            methods: Vec::new(),
            is_enum: false,
            doc,
            at,
        });
        id
    }

    pub(super) fn class_decl(&mut self, decl: &'a ClassDecl<'a, 'a>, span: Span) {
        let name = match decl.name.and_then(|name| name.as_str()) {
            Some(name) => self.declared_name(name),
            None => self.sym(""),
        };
        let id = self.new_class(name, decl.doc_comment.as_ref(), span);
        self.script.classes[id.0 as usize].parent = decl.extends.as_ref().map(|parent| self.class_name(parent));
        self.script.classes[id.0 as usize].interfaces = self.class_names(&decl.implements);
        self.members(id, &decl.body.members);
    }

    pub(super) fn interface_decl(&mut self, decl: &'a InterfaceDecl<'a, 'a>, span: Span) {
        let name = self.declared_name(decl.name.as_str().unwrap_or_default());
        let id = self.new_class(name, decl.doc_comment.as_ref(), span);
        self.script.classes[id.0 as usize].interfaces = self.class_names(&decl.extends);
        self.members(id, &decl.body.members);
    }

    pub(super) fn trait_decl(&mut self, decl: &'a TraitDecl<'a, 'a>, span: Span) {
        let name = self.declared_name(decl.name.as_str().unwrap_or_default());
        let id = self.new_class(name, decl.doc_comment.as_ref(), span);
        self.members(id, &decl.body.members);
    }

    pub(super) fn enum_decl(&mut self, decl: &'a EnumDecl<'a, 'a>, span: Span) {
        let name = self.declared_name(decl.name.as_str().unwrap_or_default());
        let id = self.new_class(name, decl.doc_comment.as_ref(), span);
        self.script.classes[id.0 as usize].interfaces = self.class_names(&decl.implements);
        self.script.classes[id.0 as usize].is_enum = true;
        for member in decl.body.members.iter() {
            match &member.kind {
                EnumMemberKind::Case(case) => {
                    if let Some(doc) = &case.doc_comment {
                        self.comment(doc);
                    }
                    let value = case.value.as_ref().map(|value| self.expr(value));
                    let constant =
                        Member { name: self.ident(&case.name), types: Vec::new(), value, is_static: true, at: self.at(member.span) };
                    self.script.classes[id.0 as usize].constants.push(constant);
                }
                EnumMemberKind::Method(method) => self.method(id, method, member.span),
                EnumMemberKind::ClassConst(constant) => self.constant(id, constant, member.span),
                EnumMemberKind::TraitUse(uses) => self.trait_use(id, &uses.traits, uses.doc_comment.as_ref()),
                EnumMemberKind::Property(property) => self.property(id, property, member.span),
                _ => {}
            }
        }
    }

    fn members(&mut self, id: ClassId, members: &'a [ClassMember<'a, 'a>]) {
        for member in members {
            match &member.kind {
                ClassMemberKind::Property(property) => self.property(id, property, member.span),
                ClassMemberKind::Method(method) => self.method(id, method, member.span),
                ClassMemberKind::ClassConst(constant) => self.constant(id, constant, member.span),
                ClassMemberKind::TraitUse(uses) => self.trait_use(id, &uses.traits, uses.doc_comment.as_ref()),
                _ => {}
            }
        }
    }

    fn property(&mut self, id: ClassId, decl: &'a PropertyDecl<'a, 'a>, span: Span) {
        if let Some(doc) = &decl.doc_comment {
            self.comment(doc);
        }
        let mut types = Vec::new();
        if let Some(hint) = &decl.type_hint {
            self.types(hint, false, &mut types);
        }
        let value = decl.default.as_ref().map(|value| self.expr(value));
        let member = Member { name: self.ident(&decl.name), types, value, is_static: decl.modifiers.is_static, at: self.at(span) };
        self.script.classes[id.0 as usize].properties.push(member);
        self.hooks(id, decl.name.as_str().unwrap_or_default(), &decl.hooks);
    }

    fn constant(&mut self, id: ClassId, decl: &'a ClassConstDecl<'a, 'a>, span: Span) {
        if let Some(doc) = &decl.doc_comment {
            self.comment(doc);
        }
        let mut types = Vec::new();
        if let Some(hint) = decl.type_hint {
            self.types(hint, false, &mut types);
        }
        let value = Some(self.expr(&decl.value));
        let member = Member { name: self.ident(&decl.name), types, value, is_static: true, at: self.at(span) };
        self.script.classes[id.0 as usize].constants.push(member);
    }

    fn trait_use(&mut self, id: ClassId, traits: &'a [Name<'a, 'a>], doc: Option<&'a Comment<'a>>) {
        if let Some(doc) = doc {
            self.comment(doc);
        }
        let traits = self.class_names(traits);
        self.script.classes[id.0 as usize].traits.extend(traits);
    }

    fn class_names(&mut self, names: &'a [Name<'a, 'a>]) -> Vec<Sym> {
        names.iter().map(|name| self.class_name(name)).collect()
    }

    /// Keeps a doc comment. Until [`Lowering::link_docs`] it is known by where it starts.
    fn doc(&mut self, doc: &Comment<'_>) -> u32 {
        self.comment(doc);
        self.at(doc.span).start
    }
}
