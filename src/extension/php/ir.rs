//! A PHP file as a compact tree of expressions, made for following values.
//!
//! All expressions of a file lie in one vector and name each other by [`ExprId`]; names and texts lie in one pool and are named by [`Sym`].
//! Control flow is flattened: a function's body is the list of its statements in source order, with conditions among them, because the question
//! asked here is "which value may reach where", not "in which order".

use super::pool::Pool;
use crate::extension::source::FileId;

/// A text in its script's pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sym(pub u32);

/// An expression in its script's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A function, method, closure or a script's top level in its script's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub u32);

impl FunctionId {
    /// A script's top level.
    pub const TOP: FunctionId = FunctionId(0);
}

/// A class-like in its script's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// A range of bytes of the script's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Bytes {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Bytes {
    /// Whether all of it is in `outer` too.
    #[must_use]
    pub fn is_in(self, outer: Bytes) -> bool {
        outer.start <= self.start && self.end <= outer.end
    }
}

/// A consecutive part of one of the script's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Slice {
    /// The first item.
    pub start: u32,
    /// The item after the last one.
    pub end: u32,
}

/// One PHP file.
#[derive(Debug)]
pub struct Script {
    /// The file.
    pub file: FileId,
    /// Its expressions.
    pub exprs: Vec<Expr>,
    /// Operands of [`ExprKind::Concat`], [`ExprKind::Choice`] and [`ExprKind::Other`].
    pub lists: Vec<ExprId>,
    /// Arguments of calls.
    pub args: Vec<Arg>,
    /// Elements of array literals and destructurings.
    pub elements: Vec<Element>,
    /// Functions, methods and closures. The first is the script's top level.
    pub functions: Vec<Function>,
    /// Classes, interfaces, traits and enums.
    pub classes: Vec<Class>,
    /// Comments, in source order.
    pub comments: Vec<Comment>,
    /// What the parser could not read. The rest of the file is in the tree.
    pub errors: Vec<ParseError>,
    /// The parts of the code that run only when a variable has one of some texts, or none of them.
    pub guards: Vec<Guard>,
    /// Where variables are given other values, ordered by function, variable and place.
    pub renewals: Vec<Renewal>,
    /// Its `try` statements, each after those in what it tries.
    pub tries: Vec<Try>,
    /// The parts of the code that run only when something is missing, outer ones before inner ones.
    pub lacks: Vec<Lack>,
    /// The parts of the code that run only when there is a value.
    pub presences: Vec<Lack>,
    /// Its `if`s and `elseif`s, outer ones before inner ones.
    pub ifs: Vec<If>,
    /// The elements that `isset()` asks for: `$array[$key]`.
    pub tested: Vec<ExprId>,
    /// Where other files are included.
    pub includes: Vec<Include>,
    /// The text parts of interpolated strings and heredocs, each with the whole literal that it stands in; ordered by expression.
    pub parts: Vec<(ExprId, Bytes)>,
    pub(super) pool: Pool,
}

/// `include 'file.php'`, `require_once` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Include {
    /// The whole: its value is what the file gives.
    pub expr: ExprId,
    /// The file's path.
    pub path: ExprId,
}

/// An expression.
#[derive(Debug, Clone, Copy)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub at: Bytes,
}

/// The kinds of expressions that values are followed through.
///
/// Class names are resolved against the file's namespace and imports and have no leading backslash; `self`, `static` and `parent` stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExprKind {
    /// A text literal, decoded (quotes, escapes, heredoc indentation removed). Bytes that are not UTF-8 are replaced.
    Text(Sym),
    /// An integer literal.
    Integer(i64),
    /// `null`.
    Null,
    /// Any other constant: `PHP_EOL`, `true`, `__DIR__`, an own `define`d one. Also a bareword. The name is resolved as that of [`ExprKind::Call`].
    Constant(Sym),
    /// `$name`, without the `$`; `this` is `$this`.
    Variable(Sym),
    /// `$object->name`, also `?->`.
    Property {
        /// The object.
        object: ExprId,
        /// The property.
        name: Sym,
    },
    /// `Class::$name`.
    StaticProperty {
        /// The class.
        class: Sym,
        /// The property, without the `$`.
        name: Sym,
    },
    /// `Class::NAME`, also an enum's case; `Class::class` has the name `class`.
    ClassConstant {
        /// The class.
        class: Sym,
        /// The constant.
        name: Sym,
    },
    /// `$array[index]`, `$array[]`.
    Index {
        /// The array.
        array: ExprId,
        /// The index.
        index: Option<ExprId>,
    },
    /// `name(args)`; the name is resolved only when it is qualified or imported, because PHP looks for others in the namespace and globally.
    Call {
        /// The function.
        name: Sym,
        /// Its arguments, in [`Script::args`].
        args: Slice,
    },
    /// `$callee(args)`; also `$object->$name(args)`, whose callee is an [`ExprKind::Other`] of the object and the name, `new $class(args)`, whose callee is
    /// an [`ExprKind::Other`] of the class alone, and `Class::$name(args)`, whose callee is the name's value.
    CallValue {
        /// What is called.
        callee: ExprId,
        /// Its arguments.
        args: Slice,
    },
    /// `$object->name(args)`, also `?->` and `$object::name(args)`.
    Method {
        /// The object.
        object: ExprId,
        /// The method.
        name: Sym,
        /// Its arguments.
        args: Slice,
    },
    /// `Class::name(args)`.
    Static {
        /// The class.
        class: Sym,
        /// The method.
        name: Sym,
        /// Its arguments.
        args: Slice,
    },
    /// `new Class(args)`. The name of an anonymous class is empty; For `new $class(args)` see [`ExprKind::CallValue`].
    New {
        /// The class.
        class: Sym,
        /// Its arguments.
        args: Slice,
    },
    /// Concatenation, flattened, with the parts of interpolated strings and heredocs as operands.
    Concat(Slice),
    /// An array literal, `[…]` or `array(…)`; as the target of an assignment a destructuring. Its elements are in [`Script::elements`].
    Array(Slice),
    /// `$target = $value`; also `=&` and `??=`.
    Assign {
        /// What is assigned to.
        target: ExprId,
        /// The value.
        value: ExprId,
    },
    /// `$target .= $value`.
    Append {
        /// What is appended to.
        target: ExprId,
        /// What is appended.
        value: ExprId,
    },
    /// One of several values: the branches of `?:`, `??` and `match`; of one value alone, a copy of it: `clone $value`. The condition stands in an [`ExprKind::Other`] that is a statement of its own
    /// before the statement of the choice.
    Choice(Slice),
    /// `(int) $value` and the like.
    Cast {
        /// The type.
        to: Cast,
        /// The value.
        value: ExprId,
    },
    /// `$value instanceof Class`.
    InstanceOf {
        /// The value.
        value: ExprId,
        /// The class.
        class: Sym,
    },
    /// `$left == $right`, and the other comparisons for being equal.
    Equal {
        /// One value.
        left: ExprId,
        /// The other.
        right: ExprId,
    },
    /// A closure or an arrow function.
    Closure(FunctionId),
    /// Any other operation. Its operands are listed so that what stands inside is met; its value is none of theirs.
    Other(Slice),
}

/// Code that runs only when a variable has one of some texts: the branch of an `if`, a `case`, an arm of `match`, and what comes after a branch that
/// leaves when it has none of them. Or only when it has none of them.
#[derive(Debug)]
pub struct Guard {
    /// The variable, without the `$`.
    pub variable: Sym,
    /// The texts.
    pub texts: Vec<Sym>,
    /// Whether the variable has none of them.
    pub except: bool,
    /// The code.
    pub at: Bytes,
}

/// A statement that gives a variable of a function another value: until the end of the block that it stands in, or until the next one there, the
/// variable has that value and no other. Only of variables that have several in their function, and that nothing else holds by reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewal {
    /// The function.
    pub function: FunctionId,
    /// The variable, without the `$`.
    pub variable: Sym,
    /// Where the variable starts in the statement.
    pub target: u32,
    /// Where the assignment ends.
    pub end: u32,
    /// The block.
    pub block: Bytes,
    /// Whether the block is a part of the function, which may run any number of times.
    pub nested: bool,
    /// Where the code begins that it may have run before: the block, or the outermost loop around it.
    pub since: u32,
    /// The number, among those of the variable, of the renewal that holds around a nested block.
    pub around: Option<u32>,
    /// Until where the variable has this value and no other: the first of the blocks that may give it another one begins there. `u32::MAX`: there are none, or
    /// their values may come round.
    pub alone: u32,
}

impl Renewal {
    /// Whether `at` is a place where the variable has this value, and elsewhere it may have another one as well.
    #[must_use]
    pub fn is_alone_at(&self, at: u32) -> bool {
        self.alone != u32::MAX && at < self.alone
    }
}

/// A `try` statement.
#[derive(Debug)]
pub struct Try {
    /// What is tried.
    pub body: Bytes,
    /// What runs when it fails: a part for each `catch`.
    pub catches: Vec<Bytes>,
}

/// Code that runs only when a value is false, null or empty: the branch of `if (!$value)`, the `else` of `if ($value)`, and what comes after a branch that
/// leaves when there is one.
#[derive(Debug, Clone, Copy)]
pub struct Lack {
    /// Where the value stands in the condition: a variable or a call.
    pub value: Bytes,
    /// The code.
    pub at: Bytes,
    /// Whether false, 0 and an empty text count as missing too.
    pub loose: bool,
}

/// `if (…) …`, or `elseif`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct If {
    /// What is asked.
    pub condition: Bytes,
    /// The code that runs where it holds.
    pub then: Bytes,
    /// Whether no code runs in its stead where it does not.
    pub alone: bool,
}

/// The type of a cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// `(int)`.
    Int,
    /// `(string)`.
    String,
    /// `(array)`.
    Array,
    /// `(object)`.
    Object,
    /// `(bool)`, `(float)`, `(unset)`: the value is lost.
    Lossy,
}

/// An argument of a call.
#[derive(Debug, Clone, Copy)]
pub struct Arg {
    /// `name:` of a named argument.
    pub name: Option<Sym>,
    /// The value.
    pub value: ExprId,
    /// `...$value`.
    pub spread: bool,
}

/// An element of an array literal or of a destructuring.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// `key =>`.
    pub key: Option<ExprId>,
    /// The value, or in a destructuring the target. `None` for a left-out element.
    pub value: Option<ExprId>,
    /// `...$value`.
    pub spread: bool,
}

/// A statement. Blocks, branches and loops are flattened; their conditions are [`Stmt::Expr`].
#[derive(Debug, Clone, Copy)]
pub enum Stmt {
    /// An expression for its effect, a condition, an `echo`ed value.
    Expr(ExprId),
    /// `return $value`, the body of an arrow function, `yield from $value`.
    Return(ExprId),
    /// `yield $key => $value`: an element of what the function gives.
    Yield {
        /// The key.
        key: Option<ExprId>,
        /// The value.
        value: ExprId,
    },
    /// `foreach ($subject as $key => $value)`.
    Foreach {
        /// What is iterated.
        subject: ExprId,
        /// The key's target.
        key: Option<ExprId>,
        /// The value's target.
        value: ExprId,
    },
    /// `static $name = default`.
    StaticVariable {
        /// The variable.
        name: Sym,
        /// Its first value.
        default: Option<ExprId>,
    },
    /// `global $name`.
    Global(Sym),
    /// `const NAME = value` and, at the top level, the statement `define('NAME', value)`, also after `defined('NAME') ||`. The name of a `const`
    /// includes its namespace.
    Constant {
        /// The constant.
        name: Sym,
        /// Its value.
        value: ExprId,
    },
}

/// A function, method, closure, arrow function, or a script's top level.
#[derive(Debug)]
pub struct Function {
    /// Its name; empty for closures and the top level. A function's name includes its namespace. The hooks of a property are methods of the names
    /// `$property::get` and `$property::set`.
    pub name: Sym,
    /// The class it is a method of.
    pub class: Option<ClassId>,
    /// The function that a closure stands in: an arrow function sees all its variables, a closure those of [`Function::uses`].
    pub outer: Option<FunctionId>,
    /// What it is.
    pub kind: FunctionKind,
    /// Its parameters.
    pub params: Vec<Param>,
    /// `use ($a, &$b)`.
    pub uses: Vec<Sym>,
    /// The declared type of its result: class names, `self`, `static` and `parent`; scalar types and `null` are left out.
    pub result: Vec<Sym>,
    /// Its body.
    pub body: Vec<Stmt>,
    /// Its doc comment, in [`Script::comments`].
    pub doc: Option<u32>,
    /// Where it stands.
    pub at: Bytes,
}

/// What a [`Function`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// A script's top level.
    Top,
    /// A function with a name.
    Function,
    /// A method.
    Method,
    /// A static method.
    StaticMethod,
    /// `function () use (…) {}`.
    Closure,
    /// `fn () => …`.
    Arrow,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name, without the `$`.
    pub name: Sym,
    /// Class names of its declared type; scalar types in lower case; `null` is left out.
    pub types: Vec<Sym>,
    /// Its default value.
    pub default: Option<ExprId>,
    /// A property of the same name is declared by it.
    pub promoted: bool,
    /// `&$name`: what is put into it comes out of the call.
    pub by_ref: bool,
    /// `...$name`.
    pub variadic: bool,
    /// Where it stands.
    pub at: Bytes,
}

/// A class, interface, trait or enum.
#[derive(Debug)]
pub struct Class {
    /// Its name with its namespace, without a leading backslash; empty for an anonymous class.
    pub name: Sym,
    /// The class it extends.
    pub parent: Option<Sym>,
    /// Interfaces it implements (or, for an interface, extends).
    pub interfaces: Vec<Sym>,
    /// Traits it uses.
    pub traits: Vec<Sym>,
    /// Constants, enum cases among them.
    pub constants: Vec<Member>,
    /// Properties, promoted ones not among them.
    pub properties: Vec<Member>,
    /// Methods.
    pub methods: Vec<FunctionId>,
    /// Whether it is an enum: its constants are objects of it.
    pub is_enum: bool,
    /// Its doc comment, in [`Script::comments`].
    pub doc: Option<u32>,
    /// Where it stands.
    pub at: Bytes,
}

/// A constant or property of a class.
#[derive(Debug)]
pub struct Member {
    /// Its name, without the `$`.
    pub name: Sym,
    /// Class names of its declared type.
    pub types: Vec<Sym>,
    /// Its value.
    pub value: Option<ExprId>,
    /// Whether it is static (a constant always is).
    pub is_static: bool,
    /// Where it stands.
    pub at: Bytes,
}

/// A comment.
#[derive(Debug, Clone, Copy)]
pub struct Comment {
    /// Where it stands, with its marks.
    pub at: Bytes,
    /// Whether it is a doc comment.
    pub doc: bool,
}

/// Something that the parser could not read.
#[derive(Debug, Clone)]
pub struct ParseError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub at: Bytes,
}

impl Script {
    /// The renewals of a variable of a function.
    #[must_use]
    pub fn renewals_of(&self, function: FunctionId, variable: Sym) -> &[Renewal] {
        let key = |r: &Renewal| (r.function, r.variable);
        let from = self.renewals.partition_point(|r| key(r) < (function, variable));
        let count = self.renewals[from..].partition_point(|r| key(r) == (function, variable));
        &self.renewals[from..from + count]
    }

    /// Which of `renewals`, those of one variable, gave it the value that it has at `at`: the start of an expression that is the variable, or of a block.
    #[must_use]
    pub fn renewed(renewals: &[Renewal], at: u32) -> Option<usize> {
        let holds = |r: &Renewal| r.end <= at && r.block.start <= at && at < r.block.end;
        renewals.iter().position(|r| r.target == at).or_else(|| renewals.iter().rposition(holds))
    }

    /// Which of `renewals`, those of one variable, gave it the value that it has before `block`.
    #[must_use]
    pub fn renewed_around(renewals: &[Renewal], block: Bytes) -> Option<usize> {
        let holds = |r: &Renewal| r.block != block && r.end <= block.start && r.block.start <= block.start && block.start < r.block.end;
        renewals.iter().rposition(holds)
    }

    /// The bytes of memory that it holds, without the few of its own fields.
    #[must_use]
    pub fn memory(&self) -> usize {
        fn held<T>(items: &Vec<T>) -> usize {
            items.capacity() * size_of::<T>()
        }
        let functions = self.functions.iter().map(|f| {
            held(&f.params) + held(&f.uses) + held(&f.result) + held(&f.body) + f.params.iter().map(|p| held(&p.types)).sum::<usize>()
        });
        let classes = self.classes.iter().map(|c| {
            let members =
                held(&c.constants) + held(&c.properties) + c.constants.iter().chain(&c.properties).map(|m| held(&m.types)).sum::<usize>();
            members + held(&c.interfaces) + held(&c.traits) + held(&c.methods)
        });
        held(&self.exprs)
            + held(&self.lists)
            + held(&self.args)
            + held(&self.elements)
            + held(&self.functions)
            + held(&self.classes)
            + held(&self.comments)
            + held(&self.errors)
            + held(&self.parts)
            + held(&self.guards)
            + held(&self.renewals)
            + held(&self.includes)
            + held(&self.tested)
            + held(&self.tries)
            + self.tries.iter().map(|t| held(&t.catches)).sum::<usize>()
            + held(&self.lacks)
            + held(&self.presences)
            + self.guards.iter().map(|g| held(&g.texts)).sum::<usize>()
            + functions.sum::<usize>()
            + classes.sum::<usize>()
            + self.pool.memory()
    }

    /// The text of `sym`.
    #[must_use]
    pub fn text(&self, sym: Sym) -> &str {
        self.pool.get(sym)
    }

    /// The expression `id`.
    #[must_use]
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }

    /// The expressions of a list.
    #[must_use]
    pub fn list(&self, slice: Slice) -> &[ExprId] {
        &self.lists[slice.start as usize..slice.end as usize]
    }

    /// The arguments of a call.
    #[must_use]
    pub fn args(&self, slice: Slice) -> &[Arg] {
        &self.args[slice.start as usize..slice.end as usize]
    }

    /// The elements of an array literal.
    #[must_use]
    pub fn elements(&self, slice: Slice) -> &[Element] {
        &self.elements[slice.start as usize..slice.end as usize]
    }

    /// The function `id`.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }

    /// The class `id`.
    #[must_use]
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }
}

impl Script {
    /// All texts of the pool, one right behind the other.
    pub(crate) fn all_texts(&self) -> &str {
        self.pool.all()
    }

    /// All texts of the pool, in the order of their symbols.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.pool.iter()
    }
}
