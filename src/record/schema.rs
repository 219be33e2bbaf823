//! The shape of a kind: its keys, their order, types and meaning.

use super::kind::Kind;

/// What a reference may point to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A ticket, by its whole id `T-7k3mqp`.
    Ticket,
    /// A record of a kind, by its slug.
    Of(Kind),
    /// A release, by its tag: `release:v2.4`.
    Release,
    /// Someone outside who delivers to us: `vendor:stripe`; no record.
    Vendor,
    /// The word `customer`.
    TheCustomer,
}

/// The type of a key's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// One line of text.
    Line,
    /// Text of many lines.
    Prose,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// An instant, RFC 3339 UTC.
    Time,
    /// A calendar day.
    Day,
    /// True or false.
    Bool,
    /// A whole number from 0.
    Number,
    /// One reference; a bare slug where only one kind can stand.
    Ref(&'static [Target]),
    /// A list of short texts, sorted, one a line.
    List,
    /// A list of references, sorted, one a line.
    Refs(&'static [Target]),
    /// A list of short texts in the order given (steps, responsibilities), one a line.
    Ordered,
    /// A list of structures with these fields, one inline table a line.
    Rows(&'static [Key]),
}

impl Type {
    /// Whether unset is written as `[]` rather than `""`.
    pub fn is_list(self) -> bool {
        matches!(self, Self::List | Self::Refs(_) | Self::Ordered | Self::Rows(_))
    }

    /// The type in words, for errors and the manual.
    pub fn words(self) -> String {
        match self {
            Self::Line => "a line of text".to_owned(),
            Self::Prose => "text".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Time => "a time like 2026-11-22T09:15:00Z".to_owned(),
            Self::Day => "a day like 2026-11-22".to_owned(),
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a whole number from 0".to_owned(),
            Self::Ref(targets) => targets_words(targets),
            Self::List | Self::Ordered => "a list of texts".to_owned(),
            Self::Refs(targets) => format!("a list, each {}", targets_words(targets)),
            Self::Rows(fields) => {
                format!("a list of {{ {} }}", fields.iter().map(|f| f.name).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn targets_words(targets: &[Target]) -> String {
    let only = targets.len() == 1;
    targets
        .iter()
        .map(|target| match target {
            Target::Ticket => "a ticket like T-7k3mqp".to_owned(),
            Target::Of(kind) if only => format!("a {}'s slug", kind.word()),
            Target::Of(kind) => format!("{}:SLUG", kind.word()),
            Target::Release => "release:TAG".to_owned(),
            Target::Vendor => "vendor:SLUG".to_owned(),
            Target::TheCustomer => "customer".to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" or ")
}

/// One key of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The key, kebab-case.
    pub name: &'static str,
    /// The type of its value.
    pub ty: Type,
    /// Whether it must be set.
    pub required: bool,
    /// What it says, one line for the manual.
    pub meaning: &'static str,
}

/// The keys of a kind, in the order files hold them. The last key is fixed for good: what follows it in a file (`# messages`
/// and bound messages) would otherwise conflict with it.
#[derive(Debug)]
pub struct Schema {
    /// The keys in file order.
    pub keys: &'static [Key],
    /// The key above which a missing key is added: one that hardly ever changes, so that the addition does not touch a line
    /// somebody else edits. A ticket has a better place, above `# messages`.
    pub anchor: &'static str,
}

impl Schema {
    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

pub(crate) const fn req(name: &'static str, ty: Type, meaning: &'static str) -> Key {
    Key { name, ty, required: true, meaning }
}

pub(crate) const fn key(name: &'static str, ty: Type, meaning: &'static str) -> Key {
    Key { name, ty, required: false, meaning }
}
