//! Who a commit names.

/// A person as a commit names them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The display name; may be empty.
    pub name: String,
    /// The mail address without angle brackets; may be empty.
    pub email: String,
}

impl Actor {
    /// Whom the commits of an anonymous proposal name.
    pub fn anonymous() -> Self {
        Self { name: "anonymous".to_owned(), email: "anonymous@desk.invalid".to_owned() }
    }
}
