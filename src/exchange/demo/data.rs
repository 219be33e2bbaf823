//! The sample company's texts, as they lie in data/.

use super::calendar::Calendar;
use crate::desk::WriteError;
use crate::record::finding::Severity;
use crate::record::reference::parse_any;
use crate::record::schema::Type;
use crate::record::slug::Slug;
use crate::record::{Kind, Name, Record};
use crate::text;

const STANDING: &str = include_str!("data/standing.txt");
const PLAYBOOKS: &str = include_str!("data/playbooks.txt");
const PROPOSALS: &str = include_str!("data/proposals.txt");
const CUSTOMERS: &str = include_str!("data/customers.txt");
const PROBLEMS: &str = include_str!("data/problems.txt");
const TALK: &str = include_str!("data/talk.txt");

/// The blocks of a text: the name after `# `, and what follows up to the next.
fn blocks(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.split("\n# ").skip(1).map(|block| block.split_once('\n').unwrap_or((block, "")))
}

/// The values of a key in a block of `key: text` lines.
fn values(block: &'static str, key: &str) -> Vec<&'static str> {
    let of_line = |line: &'static str| line.split_once(": ").filter(|(name, _)| *name == key).map(|(_, text)| text);
    block.lines().filter_map(of_line).collect()
}

/// The wordings of a kind of talk.
pub(super) fn talk(kind: &str) -> Vec<&'static str> {
    values(TALK, kind)
}

/// What customers write about.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub(super) slug: &'static str,
    body: &'static str,
}

impl Problem {
    pub(super) fn all() -> Vec<Self> {
        blocks(PROBLEMS).map(|(slug, body)| Self { slug, body }).collect()
    }

    /// The wordings of a key.
    pub(super) fn texts(&self, key: &str) -> Vec<&'static str> {
        values(self.body, key)
    }

    /// The first wording of a key; "" when there is none.
    pub(super) fn text(&self, key: &str) -> &'static str {
        self.texts(key).first().copied().unwrap_or("")
    }

    /// A number; 0 when it is not given.
    pub(super) fn number(&self, key: &str) -> i64 {
        self.text(key).parse().unwrap_or(0)
    }
}

/// The records that stand for the whole year.
pub(super) fn standing(calendar: &Calendar) -> Result<Vec<Record>, WriteError> {
    records(STANDING, calendar)
}

/// The playbooks as they are in the end.
pub(super) fn playbooks(calendar: &Calendar) -> Result<Vec<Record>, WriteError> {
    records(PLAYBOOKS, calendar)
}

/// The proposals as they are in the end.
pub(super) fn proposals(calendar: &Calendar) -> Result<Vec<Record>, WriteError> {
    records(PROPOSALS, calendar)
}

fn records(text: &'static str, calendar: &Calendar) -> Result<Vec<Record>, WriteError> {
    let mut out = Vec::new();
    for (reference, body) in blocks(text) {
        let Some((kind, name)) = parse_any(reference) else { continue };
        let parsed = text::parse(kind, &name, reference, dated(body, calendar).as_bytes());
        let broken = parsed.findings.iter().any(|finding| finding.severity == Severity::Error);
        match parsed.record {
            Some(record) if !broken => out.push(sorted(record)),
            _ => return Err(WriteError::Unreadable(parsed.findings)),
        }
    }
    Ok(out)
}

/// The record with its lists in the order files hold them in.
fn sorted(mut record: Record) -> Record {
    for key in record.schema().keys.iter().filter(|key| matches!(key.ty, Type::List | Type::Refs(_))) {
        let mut items = record.list(key.name).to_vec();
        items.sort();
        record.set(key.name, items);
    }
    record
}

/// The text with the days that `{d-12}` stands for.
fn dated(text: &str, calendar: &Calendar) -> String {
    let mut parts = text.split("{d");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('}') {
            Some((days, rest)) if days.parse::<i32>().is_ok() => {
                let offset = days.parse().unwrap_or(0);
                out.push_str(&calendar.day(offset).to_string());
                out.push_str(rest);
            }
            _ => {
                out.push_str("{d");
                out.push_str(part);
            }
        }
    }
    out
}

/// A customer, and what tickets of theirs speak of.
#[derive(Debug, Clone)]
pub(super) struct Customer {
    pub(super) slug: Slug,
    pub(super) name: &'static str,
    /// People there: name and address.
    pub(super) contacts: Vec<(&'static str, String)>,
    pub(super) places: Vec<&'static str>,
    pub(super) record: Record,
}

/// The customers, in the order they came.
pub(super) fn customers() -> Vec<Customer> {
    CUSTOMERS.lines().filter_map(customer).collect()
}

fn customer(line: &'static str) -> Option<Customer> {
    let fields: Vec<&'static str> = line.split(" | ").collect();
    let [slug, name, segment, zone, language, people, places, business, challenge] = fields.as_slice() else {
        return None;
    };
    let slug = Slug::parse(slug)?;
    let domain = format!("{slug}.example.org");
    let address = |person: &&'static str| {
        let plain = Slug::from_title(person).map(|slug| slug.as_str().replace('-', ".")).unwrap_or_default();
        (*person, format!("{plain}@{domain}"))
    };
    let people: Vec<&'static str> = people.split(", ").collect();
    let contacts: Vec<(&'static str, String)> = people.iter().map(address).collect();
    let mut addresses: Vec<String> = contacts.iter().map(|(_, address)| address.clone()).collect();
    addresses.sort();
    let record = Record::new(Kind::Customer, Name::Slug(slug.clone()), "")
        .with("name", *name)
        .with("segment", *segment)
        .with("zone", *zone)
        .with("language", *language)
        .with("contacts", addresses)
        .with("mail-domains", vec![domain.clone()])
        .with("business", *business)
        .with("challenge", *challenge);
    Some(Customer { slug, name, contacts, places: places.split(", ").collect(), record })
}
