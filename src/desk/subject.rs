//! Records as queries ask them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Records;
use crate::query::ast::SortKey;
use crate::query::document::{Document, Indexed};
use crate::query::{Context, Subject};
use crate::record::time::{Day, Time};
use crate::record::{Kind, Record, Value, person, ticket};

/// A ticket, with what its messages say of it.
#[derive(Clone, Copy)]
pub struct TicketSubject<'a> {
    /// The desk.
    pub records: &'a Records,
    /// The ticket.
    pub ticket: &'a Record,
}

/// The key behind a query's field: queries speak of one, records hold many.
fn key_of(field: &str) -> &str {
    match field {
        "label" => "labels",
        "playbook" => "playbooks",
        "link" => "links",
        other => other,
    }
}

fn texts<'a>(record: &'a Record, key: &str) -> Vec<Cow<'a, str>> {
    match record.get(key) {
        Value::Unset => Vec::new(),
        Value::Text(text) => vec![Cow::Borrowed(text.as_str())],
        Value::List(items) => items.iter().map(|item| Cow::Borrowed(item.as_str())).collect(),
        other => vec![Cow::Owned(other.to_string())],
    }
}

impl Subject for TicketSubject<'_> {
    fn values(&self, field: &str) -> Vec<Cow<'_, str>> {
        match field {
            "origin" => {
                let mut both = texts(self.ticket, "origin-system");
                both.extend(texts(self.ticket, "origin-id"));
                both
            }
            field => texts(self.ticket, key_of(field)),
        }
    }

    fn time(&self, field: &str) -> Option<Time> {
        self.ticket.time(field)
    }

    fn is(&self, flag: &str) -> bool {
        let status = self.ticket.text("status");
        match flag {
            "open" => !ticket::is_done(status),
            "done" => ticket::is_done(status),
            "unowned" => self.ticket.text_of("owner").is_none(),
            flag => status == flag,
        }
    }

    fn has(&self, what: &str) -> bool {
        match what {
            "fix" => self.ticket.list("links").iter().any(|link| link.starts_with("commit:")),
            "reply" => self.records.summary(self.ticket).has_reply,
            "attachment" => self.records.summary(self.ticket).has_attachment,
            "blocker" => !self.ticket.list("blocked-by").is_empty(),
            what => !self.ticket.get(key_of(what)).is_unset(),
        }
    }

    fn indexed(&self) -> Indexed {
        let messages = self.ticket.ticket_id().map(|id| self.records.messages(id)).unwrap_or_default();
        Document::of(self.ticket, messages).indexed()
    }
}

/// A record of another kind: its keys, and all its words.
#[derive(Clone, Copy)]
pub struct RecordSubject<'a> {
    /// The record.
    pub record: &'a Record,
    /// The desk's zone, in which its days begin.
    pub zone: &'a jiff::tz::TimeZone,
}

impl Subject for RecordSubject<'_> {
    fn values(&self, field: &str) -> Vec<Cow<'_, str>> {
        texts(self.record, field)
    }

    fn time(&self, field: &str) -> Option<Time> {
        let key = if field == "opened" && self.record.schema().key("opened").is_none() { "raised" } else { field };
        match self.record.get(key) {
            Value::Time(time) => Some(*time),
            Value::Day(day) => Some(day.start(self.zone)),
            _ => None,
        }
    }

    fn is(&self, flag: &str) -> bool {
        match flag {
            "retired" => self.record.day("retired").is_some() || self.record.text("status") == "retired",
            flag => self.record.text("status") == flag,
        }
    }

    fn has(&self, what: &str) -> bool {
        !self.record.get(what).is_unset()
    }

    fn indexed(&self) -> Indexed {
        Document::of(self.record, &[]).indexed()
    }
}

/// A record as queries ask it, with the claims of its kind.
pub struct KindSubject<'a> {
    record: &'a Record,
    context: &'a Context<'a>,
    today: Day,
}

impl<'a> KindSubject<'a> {
    /// The record as it is asked in this moment.
    pub fn new(record: &'a Record, context: &'a Context<'a>) -> Self {
        Self { record, context, today: context.now.day_in(context.zone) }
    }

    fn plain(&self) -> RecordSubject<'a> {
        RecordSubject { record: self.record, zone: self.context.zone }
    }
}

impl Subject for KindSubject<'_> {
    fn values(&self, field: &str) -> Vec<Cow<'_, str>> {
        match field {
            // Unset reads as false, as it does everywhere else.
            "ours" | "public" => vec![Cow::Owned(self.record.flag(field).to_string())],
            field => match self.record.get(field) {
                Value::Unset => Vec::new(),
                Value::List(items) => items.iter().map(|item| Cow::Borrowed(item.as_str())).collect(),
                other => vec![Cow::Owned(other.to_string())],
            },
        }
    }

    fn time(&self, field: &str) -> Option<Time> {
        self.plain().time(field)
    }

    fn is(&self, flag: &str) -> bool {
        let away = person::away_on(self.record, self.today).is_some();
        // Claims about today are not made of what has ended: nobody needs to hold a retired role.
        let live = !has_ended(self.record);
        match flag {
            "open" => live,
            "done" => !live,
            "flagged" => live && !self.record.list("flags").is_empty(),
            "away" => live && away,
            "available" => live && !away && person::available_on(self.record, self.today) == "yes",
            "unheld" => live && self.record.list("holders").is_empty(),
            "ours" => live && self.record.flag("ours"),
            flag => self.plain().is(flag),
        }
    }

    fn has(&self, what: &str) -> bool {
        self.plain().has(what)
    }

    fn indexed(&self) -> Indexed {
        self.plain().indexed()
    }
}

/// Whether a record has come to its end: retired, or a proposal that nobody needs to see to.
pub fn has_ended(record: &Record) -> bool {
    let status = record.text("status");
    record.day("retired").is_some()
        || status == "retired"
        || (record.kind == Kind::Proposal && !matches!(status, "proposed" | "heard" | "trial" | "deferred"))
}

/// Puts tickets in the order a query asks for; ties by id.
pub fn sort(found: &mut [&Record], keys: &[SortKey], records: &Records) {
    found.sort_by(|a, b| {
        let by_keys = keys.iter().map(|key| {
            let order = compare(a, b, key.field, records);
            if key.descending { order.reverse() } else { order }
        });
        by_keys.fold(Ordering::Equal, Ordering::then).then_with(|| a.name.cmp(&b.name))
    });
}

fn compare(a: &Record, b: &Record, field: &str, records: &Records) -> Ordering {
    // The older a ticket, the earlier it was opened.
    if field == "age" || field == "older" {
        return b.time("opened").cmp(&a.time("opened"));
    }
    let key = |record: &Record| {
        let subject = TicketSubject { records, ticket: record };
        (subject.time(field), subject.values(field).first().map(|text| text.to_lowercase()))
    };
    key(a).cmp(&key(b))
}
