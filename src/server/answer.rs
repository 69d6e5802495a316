//! Answers to the client's questions.

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CreateFile, CreateFileOptions, DocumentChangeOperation,
    DocumentChanges, Hover, HoverContents, HoverParams, MarkupContent, MarkupKind, OneOf, OptionalVersionedTextDocumentIdentifier, Range,
    ResourceOp, TextDocumentEdit, TextEdit, WorkspaceEdit,
};

use super::state::{State, absolute};
use crate::extension::source::SourceFile;
use crate::lint::fix::{Fix, Safety};
use crate::lint::load::MANIFEST;
use crate::lint::{Finding, Linted, page};

/// What stands under the cursor: a finding with its rule's page, or the page of a rule that a suppression names.
pub(super) fn hover(state: &State, params: &HoverParams) -> Option<Hover> {
    let at = &params.text_document_position_params;
    let (linted, path, _) = state.at(&at.text_document.uri)?;
    let file = linted.extension.files.iter().find(|f| f.path == path && !f.schema)?;
    let offset = state.encoding.offset(file, at.position);
    let range = |start: usize, end: usize| Some(state.encoding.range(file, start, end));
    let (text, range) = if let Some((rule, start)) = rule_at(file, offset) {
        (page_text(rule)?, range(start, start + rule.len()))
    } else {
        let number = linted.extension.files.iter().position(|f| std::ptr::eq(f, file))?;
        let holds = |f: &&Finding| {
            let mut locations = f.locations.iter().filter(|l| l.span.file.0 as usize == number);
            f.counts() && locations.any(|l| (l.span.start as usize..=l.span.end as usize).contains(&offset))
        };
        // The gravest of several.
        let finding = linted.findings.iter().filter(holds).max_by_key(|f| (f.severity, f.confidence))?;
        let span = finding
            .locations
            .iter()
            .map(|l| l.span)
            .find(|s| s.file.0 as usize == number && (s.start as usize..=s.end as usize).contains(&offset))?;
        (finding_text(linted, finding)?, range(span.start as usize, span.end as usize))
    };
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text });
    Some(Hover { contents, range })
}

fn finding_text(linted: &Linted, finding: &Finding) -> Option<String> {
    let mut text = format!("**{}** `{}`: {}\n\n", finding.severity, finding.rule, finding.message);
    for evidence in &finding.evidence {
        text.push_str(&format!("- {}\n", evidence.text));
    }
    text.push_str(&format!("\n{}\n\n", finding.help));
    for fix in linted.fixes(finding) {
        if let Some(patch) = fix.shown() {
            text.push_str(&format!("{}:\n\n```php\n{patch}\n```\n\n", fix.title));
        }
    }
    Some(text + "---\n\n" + &page_text(finding.rule)?)
}

fn page_text(rule: &str) -> Option<String> {
    let page = page::find(rule).ok()?;
    Some(format!("# {}: {}\n\n{}", page.id, page.title, page.text))
}

/// The rule that a suppression or the manifest names at a byte, and where its name begins.
fn rule_at(file: &SourceFile, offset: usize) -> Option<(&str, usize)> {
    let line = file.line_of(u32::try_from(offset).ok()?);
    let start = file.line_starts()[line] as usize;
    let text = std::str::from_utf8(file.line(line)).ok()?;
    if file.path != MANIFEST && !text.contains("reguid:") {
        return None;
    }
    let at = offset.checked_sub(start)?.min(text.len());
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let begin = text.get(..at)?.rfind(|c| !part(c)).map_or(0, |i| i + 1);
    let end = at + text.get(at..)?.find(|c| !part(c)).unwrap_or(text.len() - at);
    let word = text.get(begin..end)?;
    page::find(word).ok().map(|page| (page.id, start + begin))
}

/// The fixes of the findings in a range.
pub(super) fn actions(state: &State, params: &CodeActionParams) -> Vec<CodeActionOrCommand> {
    let wanted = params.context.only.as_ref();
    if wanted.is_some_and(|kinds| !kinds.iter().any(|k| CodeActionKind::QUICKFIX.as_str().starts_with(k.as_str()))) {
        return Vec::new();
    }
    let Some((linted, path, home)) = state.at(&params.text_document.uri) else { return Vec::new() };
    let mut actions = Vec::new();
    for finding in linted.findings.iter().filter(|f| f.counts()) {
        let touched = finding.locations.iter().any(|l| {
            let file = linted.extension.file(l.span.file);
            file.path == path && !file.schema && touch(state.encoding.span(file, l.span), params.range)
        });
        if !touched {
            continue;
        }
        for (index, fix) in linted.fixes(finding).iter().enumerate() {
            let Some(edit) = edit(state, linted, &home, fix) else { continue };
            let hint = if fix.safety == Safety::Unsafe { " (look at the result)" } else { "" };
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: format!("reguid: {}{hint}", fix.title),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: state.shown(&home, linted, finding).map(|d| vec![d]),
                edit: Some(edit),
                is_preferred: Some(index == 0 && fix.safety == Safety::Safe),
                ..CodeAction::default()
            }));
        }
    }
    actions
}

fn touch(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// A fix as the client applies it; `None` where there is nothing to apply, or the client could not.
fn edit(state: &State, linted: &Linted, home: &camino::Utf8Path, fix: &Fix) -> Option<WorkspaceEdit> {
    let mut operations = Vec::new();
    for edit in fix.edits() {
        let path = absolute(home, &edit.path);
        let uri = state.uri(&path)?;
        let file = linted.extension.files.iter().find(|f| f.path == edit.path && !f.schema);
        let range = match file {
            Some(file) => state.encoding.range(file, edit.range.start, edit.range.end),
            None if state.creates_files => {
                let options = Some(CreateFileOptions { overwrite: None, ignore_if_exists: Some(true) });
                let create = CreateFile { uri: uri.clone(), options, annotation_id: None };
                operations.push(DocumentChangeOperation::Op(ResourceOp::Create(create)));
                Range::default()
            }
            None => return None,
        };
        operations.push(DocumentChangeOperation::Edit(TextDocumentEdit {
            text_document: OptionalVersionedTextDocumentIdentifier { uri, version: state.version(&path) },
            edits: vec![OneOf::Left(TextEdit { range, new_text: edit.text.clone() })],
        }));
    }
    (!operations.is_empty())
        .then(|| WorkspaceEdit { document_changes: Some(DocumentChanges::Operations(operations)), ..WorkspaceEdit::default() })
}
