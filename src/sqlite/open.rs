//! Opening SQLite files.
