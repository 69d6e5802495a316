//! SQLite databases that an extension ships.
