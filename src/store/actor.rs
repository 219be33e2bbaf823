//! Who a commit names.

/// A person as a commit names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The display name; may be empty.
    pub name: String,
    /// The mail address without angle brackets; may be empty.
    pub email: String,
}
