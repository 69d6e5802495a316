//! Building the graph of a large program: in parts, on several threads.
//!
//! The program is cut by the number of its scripts alone, and the parts are put together in the order of the scripts, so the graph does not depend
//! on how many threads there are.

use std::borrow::Cow;
use std::ops::Range;

use super::build::{Builder, Built, Compared, Payload, Seed};
use super::calls::{Argument, Call};
use super::graph::Node;
use super::texts::{Piece, Texts};
use crate::discover::program::{Name, Program};
use crate::discover::tables::Tables;
use crate::extension::workers;

/// As many scripts are one part.
const SCRIPTS: usize = 64;

/// Builds the graph of a whole program on `jobs` threads, 0 for one a core.
pub(in crate::discover) fn build<'p, 'a>(program: &'p mut Program<'a>, tables: &Tables, jobs: usize) -> Builder<'p, 'a> {
    let all = program.scripts().len();
    let ranges: Vec<Range<usize>> = (0..all).step_by(SCRIPTS).map(|start| start..all.min(start + SCRIPTS)).collect();
    let mut builder = if jobs == 1 || ranges.len() < 2 {
        let mut builder = Builder::new(program, 0..all);
        ranges.into_iter().for_each(|range| builder.scripts(range));
        builder
    } else {
        program.share();
        let shared = program.for_thread();
        let mut builder = Builder::new(program, 0..all);
        workers::pipe(jobs, ranges.len(), |number| Part::of(&shared, ranges[number].clone()), |part| part.append_to(&mut builder));
        builder
    };
    builder.scopes();
    builder.tested();
    builder.hints(tables);
    builder
}

/// The graph of some scripts, made apart from the others.
struct Part<'a> {
    built: Built,
    /// Names below this number are the same in all parts.
    shared: u32,
    /// The further names of this part.
    names: Vec<Cow<'a, str>>,
}

impl<'a> Part<'a> {
    fn of(program: &Program<'a>, scripts: Range<usize>) -> Part<'a> {
        let mut program = program.for_thread();
        let mut builder = Builder::new(&mut program, scripts.clone());
        builder.scripts(scripts);
        let built = builder.finish();
        let (shared, names) = program.into_own_names();
        Part { built, shared, names }
    }

    /// Puts the part behind what is there.
    fn append_to(self, whole: &mut Builder<'_, '_>) {
        let own: Vec<Name> = self.names.iter().map(|text| whole.program.intern(text)).collect();
        let name = |name: Name| name.0.checked_sub(self.shared).map_or(name, |number| own[number as usize]);
        let Built { graph, calls, seeds, panel_columns, texts, properties, elements, filled, mapped, handed, keyed, payloads, compared } =
            self.built;
        let moved = whole.graph.append(&graph, name);
        drop(graph);
        let node = |node: Node| moved.node(node);

        whole.calls.extend(calls.into_iter().map(|mut call| {
            for arg in &mut call.args {
                *arg = Argument { name: arg.name.map(name), node: node(arg.node), ..*arg };
            }
            Call { callee: call.callee.moved(node, name), result: node(call.result), ..call }
        }));
        whole.seeds.extend(seeds.into_iter().map(|seed| Seed { node: node(seed.node), what: seed.what.renamed(name), ..seed }));
        panel_columns.into_iter().for_each(|(column, kind)| whole.panel_column(node(column), kind));
        append_texts(texts, &mut whole.texts, node);
        for (parts, all) in [(properties, &mut whole.properties), (elements, &mut whole.elements)] {
            for (of, taken) in parts {
                all.entry(node(of)).or_default().extend(taken.into_iter().map(|(key, expr)| (name(key), node(expr))));
            }
        }
        for (parts, all) in [(filled, &mut whole.filled), (mapped, &mut whole.mapped)] {
            for (of, arrays) in parts {
                all.entry(node(of)).or_default().extend(arrays.into_iter().map(node));
            }
        }
        whole.handed.extend(handed.into_iter().map(|(fun, all)| (fun, all.into_iter().map(|handed| handed.renamed(name)).collect())));
        whole.keyed.extend(keyed.into_iter().map(|(fun, all)| (fun, all.into_iter().map(|keyed| keyed.moved(node)).collect())));
        let payload = |payload: Payload| Payload { hook: name(payload.hook), node: node(payload.node), ..payload };
        whole.payloads.extend(payloads.into_iter().map(payload));
        let compare =
            |compared: Compared| Compared { known: node(compared.known), with: node(compared.with), site: node(compared.site), ..compared };
        whole.compared.extend(compared.into_iter().map(compare));
    }
}

fn append_texts(mut part: Texts, whole: &mut Texts, node: impl Fn(Node) -> Node + Copy) {
    whole.append_sources(&mut part, node);
    let Texts { pieces, inside, hashed, encrypted, altered, coded, joined, base64, kept_shape, exported, padded, random, spelled, .. } =
        part;
    let piece = |piece| if let Piece::Value(value) = piece { Piece::Value(node(value)) } else { piece };
    whole.pieces.extend(pieces.into_iter().map(|(text, pieces)| (node(text), pieces.into_iter().map(piece).collect())));
    let lists =
        [(inside, &mut whole.inside), (hashed, &mut whole.hashed), (encrypted, &mut whole.encrypted), (spelled, &mut whole.spelled)];
    for (part, all) in lists {
        for (value, made) in part {
            all.entry(node(value)).or_default().extend(made.into_iter().map(node));
        }
    }
    whole.joined.extend(joined.into_iter().map(|(text, between)| (node(text), between)));
    for (part, all) in [
        (altered, &mut whole.altered),
        (coded, &mut whole.coded),
        (base64, &mut whole.base64),
        (kept_shape, &mut whole.kept_shape),
        (exported, &mut whole.exported),
        (padded, &mut whole.padded),
        (random, &mut whole.random),
    ] {
        all.extend(part.into_iter().map(node));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::Extension;
    use crate::extension::php::parse::parse;
    use crate::extension::source::{FileId, SourceFile};

    /// Classes in as many files as make several parts, whose properties, constants and globals lead from each part into others.
    fn extension() -> Extension {
        let mut extension = Extension::default();
        for number in 0..4 * u32::try_from(SCRIPTS).unwrap() - 7 {
            let code = format!(
                "<?php
                const LIMIT_{limit} = 5;
                /** @property Pm_Client $owner */
                class Modules_X_C{number} extends Modules_X_C{parent} implements EventListener, ArrayAccess {{
                    const KEY = 'state_';
                    protected $seen = [LIMIT_1, self::KEY];
                    /** @var PM_Domain $domain @param Modules_X_C{other}[] $list */
                    public function saveAll(array $list, $id, $domain = null) {{
                        global $shared;
                        $this->seen[] = $id;
                        $other = new Modules_X_C{other}($id);
                        $other->domainId = $shared = $id;
                        foreach ($list as $key => $value) {{
                            $text = parent::KEY . $key . Modules_X_C{other}::KEY;
                            file_put_contents(\\PM_Context::getVarDir() . $text, var_export(['d' => $value->getId(), 'e' => md5($key)]));
                            if ($_GET['client_id'] == $value || in_array($shared, $this->seen)) {{ $text .= (string) $value; }}
                        }}
                        return array_map(function ($x) use ($other) {{ return $other->loadOne{load}($x)->owner['a']; }}, $list);
                    }}
                    public function handleEvent($objectType, $objectId, $action) {{
                        if ($objectType == 'domain') {{ $this->seen = $objectId; }}
                    }}
                    public function get($name, $else = null) {{ return (int) ($this->seen[$name] ?? $else); }}
                    public static function own{number}($given) {{ return ['own{number}' => trim($given), 'n' => {number}]; }}
                    public function LoadOne{load}($x) {{ return sprintf('%s-%d', $x, md5($this->seen[0])); }}
                }}",
                limit = number % 3,
                parent = number / 2,
                other = number * 7 % 200,
                load = number % 5,
            );
            extension.scripts.push(parse(FileId(number), code.as_bytes()));
            extension.files.push(SourceFile::new(format!("plib/library/C{number}.php").into(), code.into_bytes()));
        }
        extension
    }

    /// All that is built, as text.
    fn show(extension: &Extension, jobs: usize) -> Vec<String> {
        let mut program = Program::new(extension);
        let built = build(&mut program, &Tables::default(), jobs).finish();
        let mut lines = Vec::new();
        for node in (0..u32::try_from(built.graph.len()).unwrap()).map(Node) {
            let edges = built.graph.out_edges(node).map(|e| format!("{:?} {:?} {:?} {}", e.to, e.transfer, e.site, e.compares));
            let back = built.graph.in_edges(node).map(|e| e.from);
            lines.push(format!(
                "{node:?} {:?} {:?} {:?} {:?} {:?}",
                built.graph.as_expr(node),
                built.graph.as_slot(node),
                built.graph.as_slot(node).map(|slot| built.graph.find(slot)),
                edges.collect::<Vec<_>>(),
                back.collect::<Vec<_>>()
            ));
            let texts = &built.texts;
            lines.push(format!("{:?} {:?}", built.properties.get(&node), built.elements.get(&node)));
            lines.push(format!("{:?} {:?}", built.filled.get(&node), built.mapped.get(&node)));
            lines.push(format!("{:?} {:?}", texts.pieces.get(&node), texts.inside.get(&node)));
            lines.push(format!("{:?} {:?} {:?}", texts.hashed.get(&node), texts.encrypted.get(&node), texts.spelled.get(&node)));
            let sets = [&texts.altered, &texts.coded, &texts.base64, &texts.kept_shape, &texts.exported, &texts.padded, &texts.random]
                .map(|set| set.contains(&node));
            lines.push(format!("{sets:?} {:?}", texts.joined.get(&node)));
        }
        lines.extend(built.calls.iter().map(|call| format!("{call:?}")));
        lines.extend(built.seeds.iter().map(|seed| format!("{seed:?}")));
        let handed = built.handed.iter().map(|handed| format!("{handed:?}"));
        let mut told: Vec<String> = built.keyed.iter().map(|keyed| format!("{keyed:?}")).chain(handed).collect();
        told.sort();
        lines.extend(told);
        lines.extend(built.compared.iter().map(|compared| format!("{compared:?}")));
        lines.extend(built.payloads.iter().map(|payload| format!("{payload:?}")));
        lines
    }

    #[test]
    fn the_graph_does_not_depend_on_the_number_of_threads() {
        let extension = extension();
        let alone = show(&extension, 1);
        for shown in ["Global", "Property", "Constant", "Closure", "OutsideStatic", "Named", "Take", "Handed", "Remainder"] {
            assert!(alone.iter().any(|line| line.contains(shown)), "{shown}");
        }
        for jobs in [2, 3] {
            let shared = show(&extension, jobs);
            let different = alone.iter().zip(&shared).find(|(a, b)| a != b);
            assert_eq!(different, None);
            assert_eq!(alone.len(), shared.len());
        }
    }
}
