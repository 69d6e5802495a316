//! Commands and options that the pages name in their sentences are there.

use std::collections::BTreeSet;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
use reguid::cli::Cli;

use super::page::Page;
use super::{files, pages, root};

/// What stands between single backquotes.
fn code(sentences: &str) -> Vec<String> {
    let mut code = Vec::new();
    for paragraph in sentences.split("\n\n") {
        code.extend(paragraph.split('`').skip(1).step_by(2).map(|words| words.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    code
}

/// All long and short options of all commands.
fn options() -> BTreeSet<String> {
    let mut options = BTreeSet::from(["--help".to_owned(), "--version".to_owned(), "-h".to_owned(), "-V".to_owned()]);
    let all = Cli::command();
    for command in all.get_subcommands().chain([&all]) {
        for argument in command.get_arguments() {
            options.extend(argument.get_long().map(|long| format!("--{long}")));
            options.extend(argument.get_short().map(|short| format!("-{short}")));
        }
    }
    options
}

/// What is wrong with a command as it is named. Arguments and values may lack, and `…` stands for some.
fn wrong(words: &str) -> Option<String> {
    let words = words.split(' ').filter(|word| !word.contains('…')).map(|word| word.split('|').next().unwrap().trim_matches('"'));
    let error = Cli::try_parse_from(words).err()?;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion | ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand => None,
        ErrorKind::InvalidValue if error.get(ContextKind::InvalidValue) == Some(&ContextValue::String(String::new())) => None,
        _ => Some(error.to_string()),
    }
}

#[test]
fn commands_and_options_that_sentences_name_are_there() {
    let options = options();
    let mut faults = Vec::new();
    let more = ["CONTRIBUTING.md", "CHANGELOG.md"].map(|name| root().join(name));
    let rules = files("rules", "md");
    for page in pages().into_iter().chain(rules.iter().chain(&more).map(|path| Page::read(path))) {
        for words in code(&page.sentences()) {
            let fault = if words.starts_with("reguid ") {
                wrong(&words)
            } else if words.starts_with("--") && words.len() > 2 {
                let option = words.split([' ', '=']).next().unwrap();
                (!options.contains(option)).then(|| "there is no such option".to_owned())
            } else {
                None
            };
            faults.extend(fault.map(|fault| format!("{}: `{words}`: {fault}", page.name())));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // The first page shows how it goes with the reader's own files, which are not here.
    let first = Page::read(&root().join("README.md"));
    let lines =
        first.blocks.iter().filter(|block| block.info == "sh").flat_map(|block| &block.lines).filter(|line| line.starts_with("reguid "));
    let commands: Vec<&str> = lines.map(|line| line.split(" #").next().unwrap().trim_end()).collect();
    let faults: Vec<String> = commands.iter().filter_map(|command| wrong(command)).collect();
    assert!(commands.len() > 5 && faults.is_empty(), "{}", faults.join("\n"));
    assert!(wrong("reguid lnt").is_some() && wrong("reguid fix --drily").is_some() && wrong("reguid fix … --dry-run").is_none());
}
