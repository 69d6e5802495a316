//! Finding and reading the files of an extension.
