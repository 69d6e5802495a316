//! The rules' pages: `rules/<id>.md`.
