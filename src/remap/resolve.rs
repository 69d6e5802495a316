//! Whether every reference resolves on a panel.
