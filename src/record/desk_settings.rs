//! The settings of a desk (`staple.toml`). None names a program or a path: those are a person's own settings.

use super::schema::{Schema, Type, key, req};

/// The layout that this program reads and writes.
pub const FORMAT: i64 = 1;

/// The keys of the settings.
pub static SCHEMA: Schema = Schema {
    keys: &[
        req("format", Type::Number, "the version of the layout; 1"),
        key("name", Type::Line, "what the desk is called"),
        key("branch", Type::Line, "the branch the desk lives on; unset is the branch that is checked out"),
        key("zone", Type::Line, "the time zone of days and weeks, such as Europe/Berlin; unset is UTC"),
        key("language", Type::Line, "the language the desk writes in, such as en"),
        key("products", Type::List, "the products it supports"),
        key("privacy", Type::Word(&["references"]), "references: personal data stays in another system"),
        key(
            "repositories",
            Type::List,
            "repositories with code whose commits fix tickets, each a name and a URL with a space between",
        ),
        key("release-tags", Type::List, "which tags are releases, such as v*; none for all"),
        key(
            "closing-words",
            Type::List,
            "words before a ticket's id in a commit that say it is fixed; none for fixes, closes, resolves",
        ),
        key("bind-after-days", Type::Number, "days after which a done ticket is bound; unset is 90"),
    ],
    anchor: "language",
};
