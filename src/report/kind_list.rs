//! Lists of the records that have slugs: playbooks, proposals, people, roles, teams, customers, channels, topics, queries.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::desk::Records;
use crate::desk::subject::{KindSubject, has_ended};
use crate::query::{Context, Query, Subject};
use crate::record::time::{Day, Time};
use crate::record::{Kind, Record, person, ticket};

/// A record in a list, with what other records say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindRow {
    /// The slug.
    pub slug: String,
    /// Title, name or address.
    pub label: String,
    /// It has ended: retired, or a proposal that is done.
    pub ended: bool,
    /// The work tree has edits that are not committed.
    pub uncommitted: bool,
    /// What is shown of its kind.
    pub facts: Facts,
}

/// What a list shows of a kind, besides slug and label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// A problem solved once.
    Playbook {
        /// Who may use it.
        status: String,
        /// Its topics.
        topics: Vec<String>,
        /// How many tickets it solved.
        solved: usize,
        /// When it last did: our last word on the last ticket it solved.
        last: Option<Time>,
        /// How many things someone found wrong with it.
        flags: usize,
    },
    /// A wish to change how we work.
    Proposal {
        /// What it is about.
        about: String,
        /// Where it stands.
        status: String,
        /// When it was raised.
        raised: Option<Day>,
        /// Days since it was raised; nothing once it is done.
        age_days: Option<i64>,
        /// Who sees to it.
        owner: String,
    },
    /// A person.
    Person {
        /// Their team.
        team: String,
        /// yes, at-limit or no, as last said.
        available: String,
        /// Until when that holds.
        available_until: Option<Day>,
        /// When they are away today.
        away: Option<person::AwayNow>,
        /// How to reach them.
        reach: String,
    },
    /// A hat that people hold.
    Role {
        /// Who holds it; empty when it is unheld.
        holders: Vec<String>,
        /// Who stands in.
        backups: Vec<String>,
    },
    /// A team.
    Team {
        /// Whether it is one of the desk's own.
        ours: bool,
        /// Why it exists.
        purpose: String,
    },
    /// Someone we work for.
    Customer {
        /// The group they belong to.
        segment: String,
        /// When we last had contact: a talk, a message received, or our word to them.
        last_contact: Option<Time>,
        /// How many of their tickets are open.
        open: usize,
    },
    /// A way to reach us.
    Channel {
        /// What it is.
        what: String,
        /// When someone is there.
        hours: String,
        /// What it is for.
        job: String,
    },
    /// What customers ask about.
    Topic {
        /// Whether customers want it, or want it gone.
        demand: String,
        /// How many tickets about it are open.
        open: usize,
        /// The best way to ask.
        channel: String,
    },
    /// A saved query.
    Query {
        /// The query.
        query: String,
    },
}

/// The records of a kind that fulfil `query`, in its order; ended ones only when `all`. Without an order playbooks come by
/// how often they solved a ticket, proposals by how long they have waited, all others by slug.
pub fn rows(records: &Records, kind: Kind, query: &Query, all: bool, context: &Context<'_>) -> Vec<KindRow> {
    let matches = |record: &&Record| query.matches(&KindSubject::new(record, context), context);
    let mut found: Vec<&Record> = records.of(kind).filter(|record| all || !has_ended(record)).filter(matches).collect();
    found.sort_by(|a, b| by_keys(a, b, query, context));
    let tallies = Tallies::of(records);
    let mut rows: Vec<KindRow> = found.iter().map(|record| row(records, record, &tallies, context)).collect();
    if query.sort_keys().is_empty() {
        rows.sort_by_key(|row| match &row.facts {
            Facts::Playbook { solved, .. } => -i64::try_from(*solved).unwrap_or(0),
            Facts::Proposal { age_days, .. } => -age_days.unwrap_or(-1),
            _ => 0,
        });
    }
    rows
}

fn by_keys(a: &Record, b: &Record, query: &Query, context: &Context<'_>) -> Ordering {
    let key = |record, field: &str| {
        let subject = KindSubject::new(record, context);
        (subject.time(field), subject.values(field).first().map(|text| text.to_lowercase()))
    };
    let orders = query.sort_keys().iter().map(|sort| {
        let order = key(a, sort.field).cmp(&key(b, sort.field));
        if sort.descending { order.reverse() } else { order }
    });
    orders.fold(Ordering::Equal, Ordering::then).then_with(|| a.name.cmp(&b.name))
}

fn row(records: &Records, record: &Record, tallies: &Tallies<'_>, context: &Context<'_>) -> KindRow {
    KindRow {
        slug: record.slug().to_owned(),
        label: record.label().to_owned(),
        ended: has_ended(record),
        uncommitted: records.uncommitted.contains(&record.path),
        facts: facts(record, tallies, context),
    }
}

fn facts(record: &Record, tallies: &Tallies<'_>, context: &Context<'_>) -> Facts {
    let text = |key: &str| record.text(key).to_owned();
    let first_line = |key: &str| record.text(key).lines().next().unwrap_or_default().to_owned();
    let today = context.now.day_in(context.zone);
    let slug = record.slug();
    match record.kind {
        Kind::Playbook => {
            let (solved, last) = tallies.solved.get(slug).copied().unwrap_or_default();
            let flags = record.list("flags").len();
            Facts::Playbook { status: text("status"), topics: record.list("topics").to_vec(), solved, last, flags }
        }
        Kind::Proposal => Facts::Proposal {
            about: text("kind"),
            status: text("status"),
            raised: record.day("raised"),
            age_days: record.day("raised").filter(|_| !has_ended(record)).map(|raised| days_between(raised, today)),
            owner: text("owner"),
        },
        Kind::Person => Facts::Person {
            team: text("team"),
            available: person::available_on(record, today).to_owned(),
            available_until: record.day("available-until").filter(|until| *until >= today),
            away: person::away_on(record, today),
            reach: text("reach"),
        },
        Kind::Role => {
            Facts::Role { holders: record.list("holders").to_vec(), backups: record.list("backups").to_vec() }
        }
        Kind::Team => Facts::Team { ours: record.flag("ours"), purpose: first_line("purpose") },
        Kind::Customer => Facts::Customer {
            segment: text("segment"),
            last_contact: tallies.last_contact.get(slug).copied(),
            open: tallies.open_of_customer.get(slug).copied().unwrap_or_default(),
        },
        Kind::Topic => Facts::Topic {
            demand: text("demand"),
            open: tallies.open_of_topic.get(slug).copied().unwrap_or_default(),
            channel: text("recommended-channel"),
        },
        Kind::Query => Facts::Query { query: text("query") },
        _ => Facts::Channel { what: text("kind"), hours: text("hours"), job: text("job") },
    }
}

/// What tickets and talks say of other records, counted in one pass.
#[derive(Debug, Default)]
struct Tallies<'r> {
    open_of_customer: HashMap<&'r str, usize>,
    open_of_topic: HashMap<&'r str, usize>,
    /// When we last had contact with a customer: a talk, a message they sent, or our word to them.
    last_contact: HashMap<&'r str, Time>,
    /// How many tickets a playbook solved, and when the last of them had our last word: a ticket keeps no time of its own for it.
    solved: HashMap<&'r str, (usize, Option<Time>)>,
}

impl<'r> Tallies<'r> {
    fn of(records: &'r Records) -> Self {
        let mut tallies = Self::default();
        for talk in records.of(Kind::Talk) {
            if let Some(customer) = talk.text("with").strip_prefix("customer:") {
                tallies.contact(customer, talk.time("at"));
            }
        }
        for ticket in records.tickets() {
            let summary = records.summary(ticket);
            let (customer, opened) = (ticket.text("customer"), ticket.time("opened"));
            tallies.contact(customer, summary.last_contact.max(opened));
            if !ticket::is_done(ticket.text("status")) {
                *tallies.open_of_customer.entry(customer).or_default() += 1;
                *tallies.open_of_topic.entry(ticket.text("topic")).or_default() += 1;
            }
            if ticket.text("status") == "resolved" {
                for playbook in ticket.list("playbooks") {
                    let (count, last) = tallies.solved.entry(playbook).or_default();
                    *count += 1;
                    *last = (*last).max(summary.last_public.or(opened));
                }
            }
        }
        tallies
    }

    fn contact(&mut self, customer: &'r str, at: Option<Time>) {
        if let Some(at) = at {
            let known = self.last_contact.entry(customer).or_insert(at);
            *known = at.max(*known);
        }
    }
}

fn days_between(from: Day, to: Day) -> i64 {
    let utc = jiff::tz::TimeZone::UTC;
    (to.start(&utc).unix() - from.start(&utc).unix()) / 86_400
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::query::fields::{FieldTable, of_kind};

    fn desk() -> Records {
        let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
        Records::read([
            file("customers/acme.toml", "name = \"Acme\"\n"),
            file("customers/old.toml", "name = \"Old\"\nretired = 2026-01-01\n"),
            file("playbooks/a.toml", "title = \"A\"\nstatus = \"draft\"\nproblem = \"a\"\n"),
            file("playbooks/b.toml", "title = \"B\"\nstatus = \"internal\"\nproblem = \"b\"\n"),
            file(
                "people/sam.toml",
                "name = \"Sam\"\naway = [\n  { from = 2026-11-20, to = 2026-11-30, cover = \"\" },\n]\n",
            ),
            file("roles/first-line.toml", "title = \"First line\"\n"),
            file("roles/gone.toml", "title = \"Gone\"\nretired = 2026-01-01\n"),
            file(
                "proposals/p.toml",
                "title = \"P\"\nstatus = \"heard\"\nraised = 2026-11-01\ncustomer-benefit = \"x\"\n",
            ),
            file(
                "proposals/q.toml",
                "title = \"Q\"\nstatus = \"declined\"\nraised = 2026-11-01\ncustomer-benefit = \"x\"\n",
            ),
            file("talks/2026-11/20261121T101500Z-9a3f.toml", "with = \"customer:acme\"\nat = 2026-11-21T10:15:00Z\n"),
            file(
                "tickets/2026-11/7k3mqp.toml",
                "title = \"t\"\nstatus = \"resolved\"\nopened = 2026-11-02T08:00:00Z\ncustomer = \"acme\"\nplaybooks = [\"b\"]\n",
            ),
            file(
                "tickets/2026-11/8k3mqp.toml",
                "title = \"u\"\nstatus = \"new\"\nopened = 2026-11-03T08:00:00Z\ncustomer = \"acme\"\n",
            ),
        ])
    }

    fn slugs(kind: Kind, query: &str, all: bool) -> String {
        let fields = of_kind(kind);
        let query = Query::parse(query, &FieldTable::new(&fields)).unwrap();
        let zone = jiff::tz::TimeZone::UTC;
        let context = Context { now: Time::parse("2026-11-22T09:15:00Z").unwrap(), zone: &zone, me: None };
        let rows = rows(&desk(), kind, &query, all, &context);
        rows.into_iter().map(|row| row.slug).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_leave_out_what_has_ended_and_know_the_claims_of_their_kind() {
        assert_eq!(slugs(Kind::Customer, "", false), "acme");
        assert_eq!(slugs(Kind::Customer, "", true), "acme old");
        assert_eq!(slugs(Kind::Customer, "is:retired", true), "old");
        assert_eq!(slugs(Kind::Playbook, "", false), "b a", "what solved most comes first");
        assert_eq!(slugs(Kind::Playbook, "sort:title", false), "a b");
        assert_eq!(slugs(Kind::Person, "is:away", false), "sam");
        assert_eq!(slugs(Kind::Person, "is:available", false), "");
        assert_eq!(slugs(Kind::Role, "is:unheld", false), "first-line");
        assert_eq!(slugs(Kind::Proposal, "is:open raised:2026-11-01..", false), "p");
        assert_eq!(slugs(Kind::Proposal, "is:done", true), "q");
    }

    #[test]
    fn days_are_those_of_the_desk() {
        for zone in ["America/New_York", "Asia/Tokyo"] {
            let zone = jiff::tz::TimeZone::get(zone).unwrap();
            let context = Context { now: Time::parse("2026-11-22T09:15:00Z").unwrap(), zone: &zone, me: None };
            let fields = of_kind(Kind::Proposal);
            let found = |query: &str| {
                let query = Query::parse(query, &FieldTable::new(&fields)).unwrap();
                rows(&desk(), Kind::Proposal, &query, true, &context).len()
            };
            assert_eq!((found("raised:2026-11-01"), found("raised:2026-10-31")), (2, 0));
        }
    }

    #[test]
    fn what_other_records_say_is_derived() {
        let records = desk();
        let tallies = Tallies::of(&records);
        assert_eq!(tallies.solved.get("b"), Some(&(1, Time::parse("2026-11-02T08:00:00Z"))));
        assert_eq!(tallies.solved.get("a"), None);
        let acme = records.slug(Kind::Customer, "acme").unwrap();
        assert_eq!(tallies.last_contact.get(acme.slug()).copied(), Time::parse("2026-11-21T10:15:00Z"));
    }
}
