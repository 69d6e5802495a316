//! The texts of a script: one buffer, and where each text ends in it.

use super::ir::Sym;

/// Texts, named by [`Sym`].
#[derive(Debug, Default)]
pub(super) struct Pool {
    text: String,
    ends: Vec<u32>,
}

impl Pool {
    /// Makes room for that many texts with so many bytes together.
    pub(super) fn reserve(&mut self, texts: usize, bytes: usize) {
        self.text.reserve(bytes);
        self.ends.reserve(texts);
    }

    /// Adds a text. Its caller sees to it that no text is there twice.
    pub(super) fn push(&mut self, text: &str) -> Sym {
        let sym = Sym(u32::try_from(self.ends.len()).expect("a file of less than 4 GiB has less texts than that"));
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).expect("the parser takes no file over 4 GiB"));
        sym
    }

    /// The text of `sym`.
    pub(super) fn get(&self, sym: Sym) -> &str {
        let i = sym.0 as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.text[start..self.ends[i] as usize]
    }

    /// All texts, one right behind the other.
    pub(super) fn all(&self) -> &str {
        &self.text
    }

    /// All texts, in the order of their symbols.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ends.iter().enumerate().map(|(i, end)| {
            let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
            &self.text[start..*end as usize]
        })
    }

    /// The bytes of memory that it holds.
    pub(super) fn memory(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}
