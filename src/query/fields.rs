//! Which fields a query may name: a table per kind of record, and the one of tickets.

use crate::record::Kind;
use crate::record::schema::{Key, Schema, Target, Type};
use crate::record::ticket::{RESOLUTIONS, SEVERITIES, STATUSES, WAITING_ON};
use crate::record::when::Direction;

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Equal, blind to case: names, states, references.
    Word,
    /// Contains the words: prose.
    Text,
    /// A time; the direction is the one of `3d` and `fri`.
    Date(Direction),
    /// How long ago the record was opened.
    Age(AgeSense),
    /// Claims: `is` and `has`.
    Flag,
    /// How well a record answers the words: an order, and nothing to ask for.
    Rank,
}

/// What a bare length of time means in an age field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeSense {
    /// So long or longer.
    Older,
    /// So long or shorter.
    Newer,
    /// Nothing: it must say, `>14d` or `<2d`.
    Compared,
}

/// A field that a query may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldSpec {
    /// The name, in kebab-case.
    pub name: &'static str,
    /// How values are compared.
    pub kind: FieldKind,
    /// Every value there is, in the order of help; empty when people choose them.
    pub values: &'static [&'static str],
    /// What the values may refer to: the kind may be written or left out.
    pub refers: &'static [Target],
    /// What the field means, for help.
    pub meaning: &'static str,
}

impl FieldSpec {
    /// A field without known values or references.
    pub const fn new(name: &'static str, kind: FieldKind, meaning: &'static str) -> Self {
        Self { name, kind, values: &[], refers: &[], meaning }
    }

    /// The field of a record's key, named like it; structures cannot be asked for.
    pub fn of_key(key: &Key) -> Option<Self> {
        let field = |kind| Self::new(key.name, kind, key.meaning);
        Some(match key.ty {
            Type::Line | Type::Prose | Type::Ordered => field(FieldKind::Text),
            Type::Word(words) => field(FieldKind::Word).of(words),
            Type::Time | Type::Day => field(FieldKind::Date(Direction::Past)),
            Type::Bool => field(FieldKind::Word).of(&["true", "false"]),
            Type::Number | Type::List => field(FieldKind::Word),
            Type::Ref(targets) | Type::Refs(targets) => field(FieldKind::Word).to(targets),
            Type::Rows(_) => return None,
        })
    }

    /// With every value there is.
    pub const fn of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// With what values refer to.
    pub const fn to(mut self, refers: &'static [Target]) -> Self {
        self.refers = refers;
        self
    }
}

/// The fields of one kind of record.
#[derive(Debug, Clone, Copy)]
pub struct FieldTable<'a> {
    /// The fields, in the order of help.
    pub fields: &'a [FieldSpec],
}

impl<'a> FieldTable<'a> {
    /// A table of the fields.
    pub const fn new(fields: &'a [FieldSpec]) -> Self {
        Self { fields }
    }

    /// The field of that name, blind to case.
    pub fn find(&self, name: &str) -> Option<&'a FieldSpec> {
        self.fields.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// The fields of the keys of a kind: its keys, and `text` for all of its words.
fn of_schema(schema: &Schema) -> Vec<FieldSpec> {
    // `text` asks for all words, and `query` stands for a saved query, whatever keys there are.
    let keys = schema.keys.iter().filter(|key| !["text", "query"].contains(&key.name)).filter_map(FieldSpec::of_key);
    keys.chain([text("text", "words anywhere in it")]).collect()
}

/// What `is:` may say of a kind.
fn flags(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Playbook => &["draft", "internal", "published", "retired", "flagged"],
        Kind::Proposal => &[
            "open",
            "done",
            "proposed",
            "heard",
            "trial",
            "adopted",
            "reverted",
            "declined",
            "deferred",
            "withdrawn",
            "superseded",
            "mine",
        ],
        Kind::Person => &["away", "available", "retired"],
        Kind::Role => &["unheld", "retired"],
        Kind::Team => &["ours", "retired"],
        _ => &["retired"],
    }
}

/// The fields a query about a kind may name.
pub fn of_kind(kind: Kind) -> Vec<FieldSpec> {
    if kind == Kind::Ticket {
        return TICKETS.fields.to_vec();
    }
    let mut fields = of_schema(kind.schema());
    fields.insert(0, FieldSpec::new("is", FieldKind::Flag, "a claim about it").of(flags(kind)));
    fields
}

/// The fields of tickets.
pub const TICKETS: FieldTable<'static> = FieldTable::new(&TICKET_FIELDS);

const fn flag(name: &'static str, meaning: &'static str) -> FieldSpec {
    FieldSpec::new(name, FieldKind::Flag, meaning)
}

const fn word(name: &'static str, meaning: &'static str) -> FieldSpec {
    FieldSpec::new(name, FieldKind::Word, meaning)
}

const fn text(name: &'static str, meaning: &'static str) -> FieldSpec {
    FieldSpec::new(name, FieldKind::Text, meaning)
}

const TICKET_FIELDS: [FieldSpec; 27] = [
    flag("is", "a claim about the ticket").of(&[
        "open",
        "new",
        "working",
        "waiting",
        "resolved",
        "dropped",
        "duplicate",
        "done",
        "overdue",
        "unowned",
        "mine",
    ]),
    flag("has", "what the ticket has").of(&[
        "fix",
        "owner",
        "playbook",
        "reply",
        "attachment",
        "next-update",
        "label",
        "blocker",
    ]),
    word("status", "where the ticket stands").of(STATUSES),
    word("customer", "who needs it").to(&[Target::Of(Kind::Customer)]),
    text("contact", "the address, number or reference to reach them"),
    word("channel", "how they reached us").to(&[Target::Of(Kind::Channel)]),
    word("topic", "what they ask about").to(&[Target::Of(Kind::Topic)]),
    word("product", "which product"),
    word("version", "which version of it"),
    word("severity", "how badly they are hindered").of(SEVERITIES),
    word("owner", "whose it is; @me is you").to(&[Target::Of(Kind::Person)]),
    word("waiting-on", "whom it waits for").to(WAITING_ON),
    word("label", "a label it carries"),
    word("resolution", "how it ended").of(RESOLUTIONS),
    text("cause", "what caused it"),
    word("playbook", "what solved it").to(&[Target::Of(Kind::Playbook)]),
    word("blocked-by", "what must be done first").to(&[Target::Ticket, Target::Of(Kind::Proposal)]),
    word("follows", "the ticket it follows").to(&[Target::Ticket]),
    word("duplicate-of", "the ticket that says the same").to(&[Target::Ticket]),
    word("origin", "the system it came from, or its id there"),
    text("title", "words in its title"),
    text("text", "words anywhere in it"),
    FieldSpec::new("opened", FieldKind::Date(Direction::Past), "when the customer first reached us"),
    FieldSpec::new("next-update", FieldKind::Date(Direction::Future), "when the customer hears from us again"),
    FieldSpec::new("age", FieldKind::Age(AgeSense::Compared), "how long ago it was opened: >14d, <2d, 2d..14d"),
    FieldSpec::new("older", FieldKind::Age(AgeSense::Older), "opened at least so long ago"),
    FieldSpec::new("newer", FieldKind::Age(AgeSense::Newer), "opened at most so long ago"),
];

#[cfg(test)]
mod tests {
    use super::super::ast::Query;
    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case() {
        for (i, field) in TICKET_FIELDS.iter().enumerate() {
            assert!(field.name.bytes().all(|b| b == b'-' || b.is_ascii_lowercase()), "{}", field.name);
            assert!(!field.meaning.is_empty());
            assert!(TICKET_FIELDS[..i].iter().all(|other| other.name != field.name), "{}", field.name);
        }
    }

    #[test]
    fn every_kind_has_fields_that_can_be_asked_for() {
        for kind in Kind::ALL {
            let fields = of_kind(kind);
            for name in fields.iter().map(|field| field.name) {
                assert_eq!(fields.iter().filter(|field| field.name == name).count(), 1, "{kind:?} {name}");
                assert!(!["sort", "query", "or", "and", "not"].contains(&name), "{kind:?} {name}");
            }
        }
        let fields = of_schema(Kind::Proposal.schema());
        let query = |text| Query::parse(text, &FieldTable::new(&fields)).map(|_| ()).map_err(|error| error.nearest);
        assert_eq!(query("status:trial raised:2026-11.. owner:@me teams:engineering"), Ok(()));
        assert_eq!(query("status:trail"), Err(vec!["trial".to_owned()]));
    }

    #[test]
    fn no_field_is_named_like_a_keyword() {
        for keyword in ["sort", "query", "or", "and", "not"] {
            assert!(TICKETS.find(keyword).is_none());
        }
    }
}
