//! A page, cut into its blocks.

use std::path::{Path, PathBuf};

/// A page.
pub struct Page {
    pub path: PathBuf,
    pub text: String,
    pub blocks: Vec<Block>,
}

/// A fenced block, or a comment with a command in it.
pub struct Block {
    /// The number of its first line in the page, from 0, after the fence.
    pub start: usize,
    /// What stands after the fence; `comment` for a comment.
    pub info: String,
    pub lines: Vec<String>,
}

/// A command of a session.
pub struct Command {
    pub text: String,
    /// The lines of the page, from 0, on which its output stands.
    pub output: std::ops::Range<usize>,
    /// The exit code that it must have.
    pub code: i32,
    pub hidden: bool,
}

impl Page {
    pub fn read(path: &Path) -> Page {
        let text = std::fs::read_to_string(path).unwrap();
        let mut blocks = Vec::new();
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if let Some(command) = line.strip_prefix("<!-- $ ").and_then(|rest| rest.strip_suffix(" -->")) {
                blocks.push(Block { start: number, info: "comment".to_owned(), lines: vec![command.to_owned()] });
            } else if let Some(info) = line.trim_start().strip_prefix("```") {
                let content: Vec<String> = lines.by_ref().map(|(_, l)| l.to_owned()).take_while(|l| l.trim() != "```").collect();
                blocks.push(Block { start: number + 1, info: info.to_owned(), lines: content });
            }
        }
        Page { path: path.to_owned(), text, blocks }
    }

    pub fn name(&self) -> &str {
        self.path.file_name().unwrap().to_str().unwrap()
    }

    /// Its text without blocks and comments, for what is about its sentences.
    pub fn sentences(&self) -> String {
        let inside = |number: usize| self.blocks.iter().any(|block| (block.start..block.start + block.lines.len()).contains(&number));
        let lines = self.text.lines().enumerate().filter(|(number, line)| !inside(*number) && !line.trim_start().starts_with("```"));
        lines.map(|(_, line)| line.to_owned() + "\n").collect()
    }

    /// The commands of its sessions, in their order.
    pub fn commands(&self) -> Vec<Command> {
        self.blocks.iter().flat_map(Block::commands).collect()
    }
}

impl Block {
    fn commands(&self) -> Vec<Command> {
        if self.info == "comment" {
            return vec![Command { text: self.lines[0].clone(), output: 0..0, code: 0, hidden: true }];
        }
        let mut words = self.info.split_whitespace();
        if words.next() != Some("console") {
            return Vec::new();
        }
        let code = words.next().map_or(0, |word| word.strip_prefix("exit=").and_then(|code| code.parse().ok()).unwrap());
        let mut commands: Vec<Command> = Vec::new();
        let mut goes_on = false;
        for (number, line) in (self.start..).zip(&self.lines) {
            if let Some(text) = line.strip_prefix("$ ") {
                commands.push(Command { text: text.to_owned(), output: number + 1..number + 1, code: 0, hidden: false });
            } else {
                let last = commands.last_mut().expect("a session begins with a command");
                if goes_on {
                    last.text = format!("{}\n{line}", last.text);
                    last.output = number + 1..number + 1;
                } else {
                    last.output.end = number + 1;
                }
            }
            goes_on = (line.starts_with("$ ") || goes_on) && line.ends_with('\\');
        }
        commands.last_mut().expect("a session has a command").code = code;
        commands
    }
}
