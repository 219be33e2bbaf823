//! References between records, and from records to the world.

use std::fmt;

use super::id::TicketId;
use super::kind::Kind;
use super::schema::{Target, Type};
use super::slug::Slug;
use super::{Name, Record, Value};

/// What a reference points to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// A ticket.
    Ticket(TicketId),
    /// A record named by a slug.
    Record(Kind, Slug),
    /// A release, by its tag.
    Release(String),
    /// A vendor; there is no record.
    Vendor(Slug),
    /// The customer of the ticket.
    TheCustomer,
}

impl Reference {
    /// Reads a reference where `targets` may stand: the whole form, and a bare slug where only one kind can stand.
    pub fn parse(text: &str, targets: &[Target]) -> Option<Self> {
        let fits = |target: &Target| match target {
            Target::Ticket if text.starts_with("T-") => TicketId::parse(text).map(Self::Ticket),
            Target::Release => {
                text.strip_prefix("release:").filter(|tag| is_tag(tag)).map(|tag| Self::Release(tag.to_owned()))
            }
            Target::Vendor => text.strip_prefix("vendor:").and_then(Slug::parse).map(Self::Vendor),
            Target::Of(kind) => {
                let whole = text.strip_prefix(kind.word()).and_then(|rest| rest.strip_prefix(':'));
                let kinds = targets.iter().filter(|t| matches!(t, Target::Of(_))).count();
                let bare = (kinds == 1 && !text.contains(':')).then_some(text);
                whole.or(bare).and_then(Slug::parse).map(|slug| Self::Record(*kind, slug))
            }
            Target::Ticket | Target::TheCustomer => None,
        };
        // The word comes first: it could be a slug as well.
        if targets.contains(&Target::TheCustomer) && text == "customer" {
            return Some(Self::TheCustomer);
        }
        targets.iter().find_map(fits)
    }

    /// How a file writes it where `targets` may stand: bare where one kind can stand alone or beside `customer`, unless the
    /// slug is that word.
    pub fn written(&self, targets: &[Target]) -> String {
        let kinds = targets.iter().filter(|t| !matches!(t, Target::TheCustomer)).count();
        let is_the_word = |slug: &Slug| targets.contains(&Target::TheCustomer) && slug.as_str() == "customer";
        match self {
            Self::Record(_, slug) if kinds == 1 && !is_the_word(slug) => slug.to_string(),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ticket(id) => write!(f, "{id}"),
            Self::Record(kind, slug) => write!(f, "{}:{slug}", kind.word()),
            Self::Release(tag) => write!(f, "release:{tag}"),
            Self::Vendor(slug) => write!(f, "vendor:{slug}"),
            Self::TheCustomer => f.write_str("customer"),
        }
    }
}

/// Whether `tag` could be a tag of git that is plain to read: no spaces or control characters, no leading `-`.
fn is_tag(tag: &str) -> bool {
    !tag.is_empty()
        && !tag.starts_with(['-', '/', '.'])
        && !tag.contains("..")
        && tag.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"~^:?*[\\".contains(c))
}

/// Where a reference stands in a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key.
    pub key: &'static str,
    /// The text as written.
    pub text: String,
    /// What it points to; nothing when it cannot be read.
    pub reference: Option<Reference>,
    /// What may stand there.
    pub targets: &'static [Target],
}

/// Every reference of a record, bound messages not among them.
pub fn places(record: &Record) -> Vec<Place> {
    let mut out = Vec::new();
    for key in record.schema().keys {
        collect(key.name, key.ty, record.get(key.name), &mut out);
    }
    out
}

fn collect(key: &'static str, ty: Type, value: &Value, out: &mut Vec<Place>) {
    let mut push = |text: &str, targets: &'static [Target]| {
        out.push(Place { key, text: text.to_owned(), reference: Reference::parse(text, targets), targets });
    };
    match (ty, value) {
        (Type::Ref(targets), Value::Text(text)) => push(text, targets),
        (Type::Refs(targets), Value::List(items)) => items.iter().for_each(|text| push(text, targets)),
        (Type::Rows(fields), Value::Rows(rows)) => {
            for row in rows {
                for field in fields {
                    if let Some((_, value)) = row.iter().find(|(name, _)| name == field.name) {
                        collect(key, field.ty, value, out);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The record with every reference to `from` pointing to `to` instead; nothing when it has none.
pub fn renamed(record: &Record, kind: Kind, from: &Slug, to: &Slug) -> Option<Vec<(&'static str, Value)>> {
    let old = Reference::Record(kind, from.clone());
    let new = Reference::Record(kind, to.clone());
    let mut out = Vec::new();
    for key in record.schema().keys {
        let before = record.get(key.name);
        let after = swap(key.ty, before, &old, &new);
        if &after != before {
            out.push((key.name, after));
        }
    }
    (!out.is_empty()).then_some(out)
}

fn swap(ty: Type, value: &Value, old: &Reference, new: &Reference) -> Value {
    let swapped = |text: &String, targets: &[Target]| match Reference::parse(text, targets) {
        Some(found) if &found == old => new.written(targets),
        _ => text.clone(),
    };
    match (ty, value) {
        (Type::Ref(targets), Value::Text(text)) => Value::Text(swapped(text, targets)),
        (Type::Refs(targets), Value::List(items)) => {
            let mut items: Vec<String> = items.iter().map(|text| swapped(text, targets)).collect();
            items.sort();
            items.dedup();
            Value::List(items)
        }
        (Type::Rows(fields), Value::Rows(rows)) => {
            let field_type = |name: &str| fields.iter().find(|f| f.name == name).map(|f| f.ty);
            let swap_field = |(name, value): &(String, Value)| {
                let value = field_type(name).map_or_else(|| value.clone(), |ty| swap(ty, value, old, new));
                (name.clone(), value)
            };
            Value::Rows(rows.iter().map(|row| row.iter().map(swap_field).collect()).collect())
        }
        (_, other) => other.clone(),
    }
}

/// What people may write for any record, as `kind:slug`, `T-..`, or a message's or jot's id.
pub fn parse_any(text: &str) -> Option<(Kind, Name)> {
    if let Some((word, rest)) = text.split_once(':') {
        let kind = Kind::from_word(word)?;
        return match kind {
            Kind::Ticket => TicketId::parse(rest).map(|id| (kind, Name::Ticket(id))),
            Kind::Talk | Kind::Jot => super::id::MessageId::parse(rest).map(|id| (kind, Name::Stamp(id))),
            kind if kind.has_slug() => Slug::parse(rest).map(|slug| (kind, Name::Slug(slug))),
            _ => None,
        };
    }
    TicketId::parse(text).map(|id| (Kind::Ticket, Name::Ticket(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_called_customer_is_not_the_customer() {
        let targets = &[Target::TheCustomer, Target::Of(Kind::Person)];
        for (text, written) in [("person:customer", "person:customer"), ("person:sam", "sam"), ("customer", "customer")]
        {
            let reference = Reference::parse(text, targets);
            // The slug alone was taken for the customer of the ticket.
            assert_eq!(reference.as_ref().map(|found| found.written(targets)).as_deref(), Some(written));
            assert_eq!(Reference::parse(written, targets), reference);
        }
    }
}
