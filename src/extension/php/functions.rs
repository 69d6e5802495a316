//! Which function of a script a byte of it stands in.

use super::ir::{FunctionId, FunctionKind, Script};

/// The functions of a script by their places.
#[derive(Debug)]
pub struct Functions {
    /// From this byte on, up to that of the next item, this is the innermost function. Ordered.
    from: Vec<(u32, FunctionId)>,
}

impl Functions {
    /// Those of `script`.
    #[must_use]
    pub fn of(script: &Script) -> Functions {
        let numbered = (0..).map(FunctionId).zip(&script.functions);
        let mut functions: Vec<_> = numbered.filter(|(_, f)| f.kind != FunctionKind::Top).map(|(id, f)| (f.at, id)).collect();
        // Outer ones before those that stand in them.
        functions.sort_unstable_by_key(|(at, _)| (at.start, u32::MAX - at.end));
        let mut places = Functions { from: vec![(0, FunctionId::TOP)] };
        let mut open = Vec::new();
        for (at, id) in functions {
            places.close(&mut open, at.start);
            places.from.push((at.start, id));
            open.push((at.end, id));
        }
        places.close(&mut open, u32::MAX);
        places
    }

    /// Ends the functions that end at or before byte `at`.
    fn close(&mut self, open: &mut Vec<(u32, FunctionId)>, at: u32) {
        while let Some((end, _)) = open.pop_if(|(end, _)| *end <= at) {
            // A function that ends behind the one around it is the parser's guess at something broken.
            let after = self.from.last().map_or(end, |(from, _)| end.max(*from));
            self.from.push((after, open.last().map_or(FunctionId::TOP, |(_, outer)| *outer)));
        }
    }

    /// The innermost function around byte `at`; the script's top level outside of all.
    #[must_use]
    pub fn at(&self, at: u32) -> FunctionId {
        self.from[..self.from.partition_point(|(from, _)| *from <= at)].last().map_or(FunctionId::TOP, |(_, id)| *id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::php::parse::parse;
    use crate::extension::source::FileId;

    #[test]
    fn each_byte_has_its_innermost_function() {
        let code = "<?php $a; function f() { $x = function () { return fn () => fn () => 1; }; $y; } $b;
            class C { public $p = 1; function m() { $z = [fn () => 1, fn () => new class { function n() { $q; } }]; } function o() {} }
            function broken( { function g() {} if (";
        let script = parse(FileId(0), code.as_bytes());
        let functions = Functions::of(&script);
        let around = |at: u32| {
            let around = (0..).map(FunctionId).zip(&script.functions).skip(1).filter(|(_, f)| f.at.start <= at && at < f.at.end);
            around.max_by_key(|(_, f)| (f.at.start, u32::MAX - f.at.end)).map_or(FunctionId::TOP, |(id, _)| id)
        };
        for at in 0..u32::try_from(code.len()).unwrap_or(0) + 2 {
            assert_eq!(functions.at(at), around(at), "{at}");
        }
        assert!(script.functions.len() > 8);
    }
}
