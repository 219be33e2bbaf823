//! Times, people and states in the reader's words.

use jiff::tz::TimeZone;

use crate::desk::Records;
use crate::record::age::{age_long_words, short_day};
use crate::record::reference::Reference;
use crate::record::schema::{Target, Type};
use crate::record::time::{Day, Time};
use crate::record::value::Row;
use crate::record::{Kind, Record, Value};

/// Who reads, when and where: what times are told by.
#[derive(Debug, Clone, Copy)]
pub struct Clock<'a> {
    /// The moment of the question.
    pub now: Time,
    /// The zone of days and times of day.
    pub zone: &'a TimeZone,
}

impl Clock<'_> {
    /// Today.
    pub fn today(&self) -> Day {
        self.now.day_in(self.zone)
    }

    /// `24 Nov 17:00`, with the year when it is another one.
    pub fn moment(&self, time: Time) -> String {
        let clock = time.timestamp().to_zoned(self.zone.clone()).strftime("%H:%M").to_string();
        format!("{} {clock}", self.day(time.day_in(self.zone)))
    }

    /// `24 Nov`, with the year when it is another one.
    pub fn day(&self, day: Day) -> String {
        short_day(day, self.today())
    }

    /// `3 hours ago`, `in 2 days`, `just now`.
    pub fn distance(&self, time: Time) -> String {
        let seconds = time.unix() - self.now.unix();
        match seconds {
            -59..=59 => "just now".to_owned(),
            ..-59 => format!("{} ago", age_long_words(seconds)),
            _ => format!("in {}", age_long_words(seconds)),
        }
    }
}

/// A reference with what it is called: `Sam Rivers (sam)`, `T-7k3mqp Export fails (working)`.
pub fn named(records: &Records, targets: &[Target], text: &str) -> String {
    match Reference::parse(text, targets) {
        Some(Reference::Ticket(id)) => match records.ticket(id) {
            Some(ticket) => format!("{id} {} ({})", ticket.text("title"), ticket.text("status")),
            None => format!("{id} (not there)"),
        },
        Some(Reference::Record(kind, slug)) => match records.slug(kind, slug.as_str()) {
            Some(record) => {
                let status = record.text_of("status").filter(|_| matches!(kind, Kind::Proposal));
                let status = status.map(|status| format!(", {status}")).unwrap_or_default();
                let label = record.label();
                if label.is_empty() || label == slug.as_str() {
                    text.to_owned()
                } else {
                    format!("{label} ({text}{status})")
                }
            }
            None => format!("{text} (not there)"),
        },
        Some(Reference::TheCustomer) => "the customer".to_owned(),
        _ => text.to_owned(),
    }
}

/// What a reference is called, without its slug: for sentences.
pub fn called(records: &Records, targets: &[Target], text: &str) -> String {
    match Reference::parse(text, targets) {
        Some(Reference::Record(kind, slug)) => records.label(kind, slug.as_str()).to_owned(),
        Some(Reference::TheCustomer) => "the customer".to_owned(),
        Some(Reference::Vendor(slug)) => slug.to_string(),
        Some(Reference::Release(tag)) => format!("release {tag}"),
        _ => text.to_owned(),
    }
}

/// A person's name by their slug.
pub fn person<'a>(records: &'a Records, slug: &'a str) -> &'a str {
    records.label(Kind::Person, slug)
}

/// A value in words, an item or paragraph an entry.
pub fn value(records: &Records, ty: Type, value: &Value, clock: &Clock<'_>) -> Vec<String> {
    match (ty, value) {
        (Type::Ref(targets), Value::Text(text)) => vec![named(records, targets, text)],
        (Type::Refs(targets), Value::List(items)) => items.iter().map(|item| named(records, targets, item)).collect(),
        // Short words read well side by side; sentences need a line each.
        (Type::List, Value::List(items)) if items.iter().all(|item| item.chars().count() <= 24) => {
            vec![items.join(", ")]
        }
        (Type::Ordered, Value::List(items)) => {
            items.iter().enumerate().map(|(i, item)| format!("{}. {item}", i + 1)).collect()
        }
        (_, Value::List(items)) => items.clone(),
        (Type::Rows(fields), Value::Rows(rows)) => {
            rows.iter().map(|found| row(records, fields, found, clock)).collect()
        }
        (_, Value::Time(time)) => vec![format!("{}, {}", clock.moment(*time), clock.distance(*time))],
        (_, Value::Day(day)) => vec![clock.day(*day)],
        (_, Value::Bool(flag)) => vec![if *flag { "yes" } else { "no" }.to_owned()],
        (_, other) => vec![other.to_string()],
    }
}

fn row(records: &Records, fields: &[crate::record::schema::Key], row: &Row, clock: &Clock<'_>) -> String {
    let words = row.iter().filter(|(_, value)| !value.is_unset()).map(|(name, found)| {
        let ty = fields.iter().find(|field| field.name == name).map_or(Type::Line, |field| field.ty);
        format!("{name} {}", value(records, ty, found, clock).join(", "))
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Whom a ticket waits on and for what: `waiting on Engineering: a fix of the importer`.
pub fn status(records: &Records, ticket: &Record) -> String {
    let status = ticket.text("status");
    match status {
        "waiting" => {
            let on = called(records, crate::record::ticket::WAITING_ON, ticket.text("waiting-on"));
            let what = ticket.text("waiting-for");
            if what.is_empty() { format!("waiting on {on}") } else { format!("waiting on {on}: {what}") }
        }
        "resolved" | "dropped" if ticket.text_of("resolution").is_some() => {
            format!("{status}, {}", ticket.text("resolution").replace('-', " "))
        }
        "duplicate" => format!("duplicate of {}", named(records, &[Target::Ticket], ticket.text("duplicate-of"))),
        other => other.to_owned(),
    }
}

/// Who stands in for a person today, where they are away: the last day away, and the cover's slug ("" for nobody).
pub fn away(person: &Record, today: Day) -> Option<(Day, String)> {
    person.rows("away").iter().find_map(|row| {
        let field = |name: &str| row.iter().find(|(field, _)| field == name).map(|(_, value)| value);
        match (field("from"), field("to")) {
            (Some(Value::Day(from)), Some(Value::Day(to))) if *from <= today && today <= *to => {
                Some((*to, field("cover").map(ToString::to_string).unwrap_or_default()))
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn clock() -> Clock<'static> {
        static UTC: TimeZone = TimeZone::UTC;
        Clock { now: Time::parse("2026-11-22T09:15:00Z").unwrap(), zone: &UTC }
    }

    #[test]
    fn times_are_told_from_where_the_reader_stands() {
        let time = |text| Time::parse(text).unwrap();
        assert_eq!(clock().moment(time("2026-11-20T17:00:00Z")), "20 Nov 17:00");
        assert_eq!(clock().moment(time("2025-11-20T17:00:00Z")), "20 Nov 2025 17:00");
        assert_eq!(clock().distance(time("2026-11-22T06:15:00Z")), "3 hours ago");
        assert_eq!(clock().distance(time("2026-11-24T17:00:00Z")), "in 2 days");
        assert_eq!(clock().distance(time("2026-11-22T09:15:30Z")), "just now");
    }

    #[test]
    fn a_wait_says_on_whom_and_for_what() {
        let records =
            Records::read([("teams/engineering.toml".to_owned(), b"name = \"Engineering\"\nours = false\n".to_vec())]);
        let name = crate::record::Name::Ticket(crate::record::id::TicketId::parse("7k3mqp").unwrap());
        let ticket = Record::new(Kind::Ticket, name, "")
            .with("status", "waiting")
            .with("waiting-on", "team:engineering")
            .with("waiting-for", "a fix");
        assert_eq!(status(&records, &ticket), "waiting on Engineering: a fix");
    }

    #[test]
    fn nobody_is_away_before_or_after() {
        let text = b"name = \"Sam\"\naway = [\n  { from = 2026-11-21, to = 2026-11-23, cover = \"robin\" },\n]\n";
        let records = Records::read([("people/sam.toml".to_owned(), text.to_vec())]);
        let sam = records.slug(Kind::Person, "sam").unwrap();
        let day = |text| Day::parse(text).unwrap();
        assert_eq!(away(sam, day("2026-11-22")), Some((day("2026-11-23"), "robin".to_owned())));
        assert_eq!(away(sam, day("2026-11-24")), None);
    }
}
