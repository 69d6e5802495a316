//! What a SQLite database declares.
