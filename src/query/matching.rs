//! Matching one record in memory.

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::tz::TimeZone;

use super::ast::{Bound, DateRange, Expr, Query, Test};
use super::document::Indexed;
use super::words::{Term, indexed};
use crate::record::Kind;
use crate::record::id::TicketId;
use crate::record::schema::Target;
use crate::record::time::Time;
use crate::record::week::{Month, Week};
use crate::record::when::{Direction, When, parse_when};

/// What a query may ask a record.
///
/// Field names are those of the table that the query was read with.
pub trait Subject {
    /// The values of a field as the record holds them; none when it is not set.
    fn values(&self, field: &str) -> Vec<Cow<'_, str>>;

    /// The time of a field; `opened` is the one that ages are reckoned from.
    fn time(&self, field: &str) -> Option<Time>;

    /// Whether `is:flag` holds; `mine` and `overdue`, which depend on who asks and when, are not asked.
    fn is(&self, flag: &str) -> bool;

    /// Whether `has:what` holds.
    fn has(&self, what: &str) -> bool;

    /// The words of everything in the record that words are searched in.
    fn indexed(&self) -> Indexed;
}

/// Who asks, where and when.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What ages and relative times are reckoned from.
    pub now: Time,
    /// The zone that days begin and end in.
    pub zone: &'a TimeZone,
    /// The slug of the person who asks, when known.
    pub me: Option<&'a str>,
}

impl Query {
    /// Whether the record fulfils the query.
    pub fn matches(&self, subject: &impl Subject, context: &Context<'_>) -> bool {
        let indexed = OnceCell::new();
        let has = |term: &Term| indexed.get_or_init(|| subject.indexed()).has(term);
        Match { subject, context, has: &has }.holds(&self.root)
    }

    /// As [`Query::matches`], where somebody else knows whether the record has a term, so that its texts are not read: `has`
    /// is asked for the terms of [`Query::asked_terms`].
    pub fn matches_having(&self, subject: &impl Subject, has: impl Fn(&Term) -> bool, context: &Context<'_>) -> bool {
        Match { subject, context, has: &has }.holds(&self.root)
    }
}

struct Match<'a, S> {
    subject: &'a S,
    context: &'a Context<'a>,
    has: &'a dyn Fn(&Term) -> bool,
}

impl<S: Subject> Match<'_, S> {
    fn holds(&self, expr: &Expr) -> bool {
        match expr {
            Expr::All(parts) => parts.iter().all(|part| self.holds(part)),
            Expr::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Expr::Not(inner) => !self.holds(inner),
            Expr::Test(test) => self.passes(test),
        }
    }

    fn passes(&self, test: &Test) -> bool {
        match test {
            Test::Word { field, value, refers } => {
                let values = self.subject.values(field);
                if value.is_empty() {
                    return values.iter().all(|held| held.is_empty());
                }
                values.iter().any(|held| same_word(held, value, refers))
            }
            Test::Me { field } => self.is_me(field),
            Test::Text { field: "text", text } => (self.has)(text),
            Test::Text { field, text } => {
                let values = self.subject.values(field);
                if text.words.is_empty() {
                    return values.iter().all(|held| held.is_empty());
                }
                values.iter().any(|held| text.is_in(&indexed(held)))
            }
            Test::Is("mine") => self.is_me("owner"),
            Test::Is("overdue") => {
                self.subject.is("open") && self.subject.time("next-update").is_some_and(|due| due < self.context.now)
            }
            Test::Is(flag) => self.subject.is(flag),
            Test::Has(what) => self.subject.has(what),
            Test::Date { field, range } => {
                self.subject.time(field).is_some_and(|time| self.within(time, range).unwrap_or(false))
            }
            Test::Age { min, max } => self.subject.time("opened").is_some_and(|opened| {
                let age = self.context.now.unix() - opened.unix();
                min.is_none_or(|min| age >= min) && max.is_none_or(|max| age <= max)
            }),
            Test::Words(text) => (self.has)(text),
        }
    }

    fn is_me(&self, field: &str) -> bool {
        let Some(me) = self.context.me else { return false };
        self.subject.values(field).iter().any(|held| same_word(held, me, &[Target::Of(Kind::Person)]))
    }

    /// Whether the time lies in the window; nothing when the window lies outside the calendar.
    fn within(&self, time: Time, range: &DateRange) -> Option<bool> {
        if let Some(from) = &range.from
            && time < self.instant(from, range.direction)?
        {
            return Some(false);
        }
        match &range.until {
            Some(until) => Some(time < self.instant(until, range.direction)?),
            None => Some(true),
        }
    }

    /// The first instant of the bound's point, or the first after it.
    fn instant(&self, bound: &Bound, direction: Direction) -> Option<Time> {
        let zone = self.context.zone;
        let (start, end) = if let Some(week) = Week::parse(&bound.point) {
            week.window(zone)
        } else if let Some(month) = Month::parse(&bound.point) {
            month.window(zone)
        } else {
            match parse_when(&bound.point, self.context.now, zone, direction).ok()? {
                When::Day(day) => (day.start(zone), day.end(zone)),
                When::Instant(time) => (time, time.plus(1)),
            }
        };
        Some(if bound.after { end } else { start })
    }
}

/// Whether a held value is the wanted one; where the field refers to records, either may leave the kind out, and
/// ids of tickets take the letters that look like digits.
fn same_word(held: &str, wanted: &str, refers: &[Target]) -> bool {
    let (held_kind, held_name) = reference(held, refers);
    let (wanted_kind, wanted_name) = reference(wanted, refers);
    let kinds = match (held_kind, wanted_kind) {
        (_, None) => true,
        (Some(held), Some(wanted)) => held == wanted,
        // A bare value is of the only kind there is; where kinds mix it is a word such as `customer`.
        (None, Some(_)) => refers.len() == 1,
    };
    if held_kind == Some(Target::Ticket)
        && let Some((held, wanted)) = TicketId::parse(held_name).zip(TicketId::parse(wanted_name))
    {
        return kinds && held == wanted;
    }
    kinds && folded(held_name).eq(folded(wanted_name))
}

/// What a reference points to, when it says, and the name; a ticket's kind is written `T-`.
fn reference<'t>(text: &'t str, refers: &[Target]) -> (Option<Target>, &'t str) {
    for target in refers {
        let prefix = match target {
            Target::Ticket => "T-",
            Target::Of(kind) => kind.word(),
            Target::Release => "release",
            Target::Vendor => "vendor",
            Target::TheCustomer => continue,
        };
        let name = match text.get(..prefix.len()) {
            Some(head) if head.eq_ignore_ascii_case(prefix) => &text[prefix.len()..],
            _ => continue,
        };
        if let Some(name) = if *target == Target::Ticket { Some(name) } else { name.strip_prefix(':') } {
            return (Some(*target), name);
        }
    }
    (None, text)
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::fields::TICKETS;
    use super::*;

    struct Ticket(&'static [(&'static str, &'static str)]);

    impl Subject for Ticket {
        fn values(&self, field: &str) -> Vec<Cow<'_, str>> {
            self.0.iter().filter(|(name, _)| *name == field).map(|(_, value)| Cow::Borrowed(*value)).collect()
        }

        fn time(&self, field: &str) -> Option<Time> {
            self.values(field).first().and_then(|text| Time::parse(text))
        }

        fn is(&self, flag: &str) -> bool {
            self.0.contains(&("is", if flag == "open" { "open" } else { "" }))
        }

        fn has(&self, what: &str) -> bool {
            !self.values(what).is_empty()
        }

        fn indexed(&self) -> Indexed {
            Indexed::of_text("The Invoice in Düsseldorf's portal, no. 4711: crash(3). 無法登入系統")
        }
    }

    /// Opened on Sunday the 8th at half past midnight in Berlin, which is still Saturday in UTC.
    const TICKET: Ticket = Ticket(&[
        ("is", "open"),
        ("status", "waiting"),
        ("customer", "acme"),
        ("contact", "Kim@Acme.example"),
        ("topic", "billing"),
        ("product", "Portal"),
        ("owner", "sam"),
        ("waiting-on", "team:engineering"),
        ("label", "area:invoice"),
        ("label", "vip"),
        ("blocked-by", "T-7k0mq1"),
        ("blocked-by", "proposal:shorter-intake-form"),
        ("title", "Second invoice is wrong"),
        ("opened", "2026-11-07T23:30:00Z"),
        ("next-update", "2026-11-22T10:00:00Z"),
    ]);

    fn asked(text: &str, me: Option<&str>) -> bool {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let context = Context { now: Time::parse("2026-11-22T12:00:00Z").unwrap(), zone: &zone, me };
        Query::parse(text, &TICKETS).unwrap().matches(&TICKET, &context)
    }

    fn check(text: &str, expected: bool) {
        assert_eq!(asked(text, Some("sam")), expected, "{text}");
    }

    #[test]
    fn words_are_equal_blind_to_case() {
        check("customer:acme", true);
        check("customer:ACME", true);
        check("customer:acm", false);
        check("product:portal", true);
        check("status:new,waiting", true);
        check("-status:new", true);
        check("label:vip label:area:invoice", true);
        check("label:invoice", false);
        check("version:\"\"", true);
        check("customer:\"\"", false);
        check("cause:\"\"", true);
    }

    #[test]
    fn references_match_with_or_without_their_kind() {
        check("waiting-on:engineering", true);
        check("waiting-on:team:engineering", true);
        check("waiting-on:Team:Engineering", true);
        check("waiting-on:vendor:engineering", false);
        check("customer:customer:acme", true);
        check("owner:person:sam", true);
        check("blocked-by:T-7k0mq1", true);
        check("blocked-by:7K0MQ1", true);
        check("blocked-by:t-7kOmqL", true);
        check("blocked-by:T-7k0mq2", false);
        check("blocked-by:shorter-intake-form", true);
        check("blocked-by:proposal:7k0mq1", false);
    }

    #[test]
    fn the_one_who_asks_is_known_from_the_context() {
        check("owner:@me is:mine", true);
        assert!(!asked("owner:@me", Some("kim")));
        assert!(!asked("is:mine or owner:@me", None));
    }

    #[test]
    fn overdue_is_an_open_ticket_past_its_next_update() {
        check("is:overdue", true);
        let zone = TimeZone::UTC;
        let context = Context { now: Time::parse("2026-11-22T10:00:00Z").unwrap(), zone: &zone, me: None };
        let query = Query::parse("is:overdue", &TICKETS).unwrap();
        assert!(!query.matches(&TICKET, &context));
        let done = Ticket(&[("next-update", "2026-11-01T10:00:00Z")]);
        assert!(!query.matches(&done, &context));
    }

    #[test]
    fn ages_are_reckoned_from_when_it_was_opened() {
        check("older:14d", true);
        check("older:15d", false);
        check("newer:15d", true);
        check("newer:14d", false);
        check("age:>14d age:<15d", true);
        check("age:2d..3w", true);
        check("age:3w..", false);
    }

    #[test]
    fn days_begin_and_end_in_the_zone() {
        check("opened:2026-11-08", true);
        check("opened:2026-11-07", false);
        check("opened:2026-11-08..", true);
        check("opened:..2026-11-07", false);
        check("opened:..2026-11-08", true);
        check("opened:>2026-11-08", false);
        check("opened:>=2026-11-08", true);
        check("opened:<2026-11-08", false);
        check("opened:2026-W45", true);
        check("opened:2026-W46", false);
        check("opened:2026-11", true);
        check("opened:2w..", true);
        check("opened:13d..", false);
        check("opened:\"last sun\"..", false);
        check("opened:2026-11-07T23:30:00Z", true);
        check("opened:2026-11-07T23:30:01Z..", false);
        check("next-update:..1d", true);
        check("next-update:today", true);
        check("next-update:fri..", false);
    }

    #[test]
    fn words_begin_where_a_word_begins_and_phrases_are_exact() {
        check("inv", true);
        check("nvoice", false);
        check("\"nvoice\"", false);
        check("\"invoice in düsseldorf\"", true);
        check("\"invoice in düss\"", false);
        check("DÜSSEL dussel portal", true);
        check("47 4711:", true);
        check("471:", false);
        check("711", false);
        check("crash(3)", true);
        check("登入", true);
        check("title:sec", true);
        check("title:econd", false);
        check("text:portal", true);
        check("contact:@acme.example", true);
        check("portal or nothing", true);
        check("portal nothing", false);
        check("not nothing", true);
    }

    #[test]
    fn an_unset_time_fulfils_no_window() {
        let bare = Ticket(&[]);
        let zone = TimeZone::UTC;
        let context = Context { now: Time::from_unix(0), zone: &zone, me: None };
        for text in ["opened:2026-11-01..", "older:1d", "newer:1d", "next-update:..tomorrow"] {
            assert!(!Query::parse(text, &TICKETS).unwrap().matches(&bare, &context), "{text}");
        }
    }
}
