//! A person's day: what presses, what is theirs, what is offered to them, and what nobody has taken yet.

use super::words::{self, Clock, away, called, person};
use crate::desk::Records;
use crate::record::lifecycle::open_hand_off;
use crate::record::schema::Target;
use crate::record::time::Time;
use crate::record::{Kind, Record, ticket};

/// Days after which a proposal without an answer is named.
const UNANSWERED_DAYS: i32 = 7;

/// A day, or the desk's where the person is not known. Each ticket stands in one section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// What the person is called; nothing when the desk does not know them.
    pub name: Option<String>,
    /// The sections that hold something, in order of urgency.
    pub sections: Vec<DaySection>,
    /// How many tickets are overdue with others.
    pub overdue_elsewhere: usize,
    /// How many tickets are open in all.
    pub open: usize,
}

/// A heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaySection {
    /// The heading.
    pub heading: &'static str,
    /// Whether it presses.
    pub pressing: bool,
    /// Its items, the most urgent first.
    pub items: Vec<DayItem>,
}

/// One thing to act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayItem {
    /// `T-7k3mqp`.
    pub reference: String,
    /// What it is about.
    pub title: String,
    /// Whose it is, where it stands and what is due.
    pub why: String,
    /// The command to act.
    pub act: String,
}

/// The day of `me`, a person's slug; without one the desk's.
pub fn day(records: &Records, me: Option<&str>, clock: &Clock<'_>) -> Day {
    let today = Today { records, clock, mine: mine(records, me, clock), me };
    let mut open: Vec<&Record> = records.tickets().filter(|ticket| !ticket::is_done(ticket.text("status"))).collect();
    open.sort_by_key(|ticket| today.due(ticket));
    let mut out = Day { name: me.map(|me| person(records, me).to_owned()), open: open.len(), ..Day::default() };
    let (mut overdue, mut offered, mut own, mut new) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for ticket in open {
        let owned = today.is_mine(ticket);
        let unowned = ticket.text_of("owner").is_none();
        if records.is_overdue(ticket, clock.now) && (owned || unowned || me.is_none()) {
            overdue.push(today.overdue(ticket));
        } else if let Some(item) = today.offered(ticket) {
            offered.push(item);
        } else if owned {
            own.push(today.own(ticket));
        } else if unowned {
            new.push(today.unowned(ticket));
        } else {
            out.overdue_elsewhere += usize::from(records.is_overdue(ticket, clock.now));
        }
    }
    let offered_to = if me.is_some() { "offered to you or your team" } else { "offered and not accepted" };
    out.sections = vec![
        DaySection { heading: "overdue: the customer should have heard from us", pressing: true, items: overdue },
        DaySection { heading: offered_to, pressing: false, items: offered },
        DaySection { heading: "yours", pressing: false, items: own },
        DaySection { heading: "new, and nobody has it", pressing: false, items: new },
        DaySection { heading: "proposals without an answer", pressing: false, items: today.proposals() },
    ];
    out.sections.retain(|section| !section.items.is_empty());
    out
}

/// The people whose tickets are mine today: myself, and those who are away and whom I cover.
fn mine(records: &Records, me: Option<&str>, clock: &Clock<'_>) -> Vec<String> {
    let Some(me) = me else { return Vec::new() };
    let covered =
        records.of(Kind::Person).filter(|person| away(person, clock.today()).is_some_and(|(_, cover)| cover == me));
    covered.map(|person| person.slug().to_owned()).chain([me.to_owned()]).collect()
}

struct Today<'a> {
    records: &'a Records,
    clock: &'a Clock<'a>,
    mine: Vec<String>,
    me: Option<&'a str>,
}

impl Today<'_> {
    fn is_mine(&self, ticket: &Record) -> bool {
        self.mine.iter().any(|slug| slug == ticket.text("owner"))
    }

    /// When something is due: a customer who waits for an answer waits since they wrote, others until the next update; what
    /// has neither comes last.
    fn due(&self, ticket: &Record) -> (Time, crate::record::Name) {
        let unanswered = self.records.summary(ticket).unanswered_since;
        let far = Time::from_unix(i64::from(u32::MAX));
        (unanswered.or(ticket.time("next-update")).unwrap_or(far), ticket.name.clone())
    }

    fn item(&self, ticket: &Record, why: &str, act: String) -> DayItem {
        let customer = self.records.label(Kind::Customer, ticket.text("customer"));
        let why = if customer.is_empty() { why.to_owned() } else { format!("{customer}: {why}") };
        let covered = ticket.text_of("owner").filter(|owner| Some(*owner) != self.me && self.is_mine(ticket));
        let why = match covered {
            Some(owner) => format!("{why} (you cover {})", person(self.records, owner)),
            None => why,
        };
        DayItem { reference: ticket.reference(), title: ticket.text("title").to_owned(), why, act }
    }

    fn overdue(&self, ticket: &Record) -> DayItem {
        let id = ticket.reference();
        let next = ticket.time("next-update").unwrap_or(self.clock.now);
        let owner = ticket.text("owner");
        let owner = match owner {
            "" => ", nobody owns it".to_owned(),
            owner if self.me.is_none() => format!(", {}", person(self.records, owner)),
            _ => String::new(),
        };
        let why =
            format!("{}; update was due {}{owner}", words::status(self.records, ticket), self.clock.distance(next));
        self.item(ticket, &why, format!("staple reply {id} -m \"where it stands\" --next-update 2d"))
    }

    fn offered(&self, ticket: &Record) -> Option<DayItem> {
        let messages: Vec<&Record> = self.records.messages(ticket.ticket_id()?).iter().collect();
        let offer = open_hand_off(&messages).filter(|offer| offer.accepted.is_none())?;
        let for_me = match self.me {
            None => true,
            Some(me) => {
                let team = self.records.slug(Kind::Person, me).map_or("", |me| me.text("team"));
                self.mine.iter().any(|slug| offer.to == format!("person:{slug}"))
                    || (!team.is_empty() && offer.to == format!("team:{team}"))
            }
        };
        let to = called(self.records, &[Target::Of(Kind::Team), Target::Of(Kind::Person)], &offer.to);
        let why = format!("offered to {to} {}", self.clock.distance(offer.offered));
        for_me.then(|| self.item(ticket, &why, format!("staple accept {}", ticket.reference())))
    }

    fn own(&self, ticket: &Record) -> DayItem {
        let id = ticket.reference();
        let waits = ticket.text("status") == "waiting";
        let next = ticket.time("next-update");
        let promised = match next {
            Some(next) => format!("next update {}", self.clock.moment(next)),
            None => "no next update promised".to_owned(),
        };
        if let Some(since) = self.records.summary(ticket).unanswered_since {
            let mut why = format!("no answer since {}, {}", self.clock.moment(since), self.clock.distance(since));
            if waits {
                why = format!("{}; {why}", words::status(self.records, ticket));
            }
            return self.item(ticket, &why, format!("staple reply {id}"));
        }
        let why = format!("{}; {promised}", words::status(self.records, ticket));
        let act = match ticket.text("waiting-on") {
            "" => format!("staple show {id}"),
            "customer" => format!("staple received {id}"),
            _ => format!("staple nudge {id}"),
        };
        self.item(ticket, &why, act)
    }

    fn unowned(&self, ticket: &Record) -> DayItem {
        let opened = ticket.time("opened").unwrap_or(self.clock.now);
        let why = format!("{}, reached us {}", ticket.text("status"), self.clock.distance(opened));
        self.item(ticket, &why, format!("staple take {}", ticket.reference()))
    }

    fn proposals(&self) -> Vec<DayItem> {
        let today = self.clock.today();
        let late = |proposal: &&Record| {
            proposal.text("status") == "proposed"
                && proposal.day("raised").is_some_and(|raised| raised.plus(UNANSWERED_DAYS) <= today)
        };
        let mut found: Vec<&Record> = self.records.of(Kind::Proposal).filter(late).collect();
        found.sort_by_key(|proposal| (proposal.day("raised"), proposal.name.clone()));
        let item = |proposal: &&Record| DayItem {
            reference: proposal.reference(),
            title: proposal.text("title").to_owned(),
            why: format!("raised {}", proposal.day("raised").map(|day| self.clock.day(day)).unwrap_or_default()),
            act: format!("staple proposal hear {} --answer \"...\"", proposal.slug()),
        };
        found.iter().map(item).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ticket(id: &str, lines: &str) -> (String, Vec<u8>) {
        let text = format!("title = \"Ticket {id}\"\nopened = 2026-11-20T08:00:00Z\n{lines}\n");
        (format!("tickets/2026-11/{id}.toml"), text.into_bytes())
    }

    fn shown(me: Option<&str>) -> Vec<(String, Vec<String>)> {
        let people = |slug: &str, more: &str| {
            (format!("people/{slug}.toml"), format!("name = \"{slug}\"\nteam = \"desk\"\n{more}").into_bytes())
        };
        let offer =
            "kind = \"hand-off\"\nat = 2026-11-21T08:00:00Z\nby = \"robin\"\nto = \"team:desk\"\nrequest = \"x\"\n";
        let records = Records::read([
            people("sam", ""),
            people("robin", ""),
            people("lee", "away = [\n  { from = 2026-11-20, to = 2026-11-25, cover = \"sam\" },\n]\n"),
            ticket("aaaaaa", "status = \"working\"\nowner = \"sam\"\nnext-update = 2026-11-21T08:00:00Z"),
            ticket("bbbbbb", "status = \"working\"\nowner = \"lee\""),
            ticket("cccccc", "status = \"new\""),
            ticket("dddddd", "status = \"working\"\nowner = \"robin\""),
            ticket("eeeeee", "status = \"working\"\nowner = \"robin\"\nnext-update = 2026-11-21T08:00:00Z"),
            ticket("ffffff", "status = \"resolved\"\nowner = \"sam\"\nresolution = \"fixed\""),
            ("tickets/2026-11/dddddd.20261121T080000Z-4hx2.toml".to_owned(), offer.as_bytes().to_vec()),
            (
                "proposals/old.toml".to_owned(),
                b"title = \"Old\"\nstatus = \"proposed\"\nraised = 2026-11-15\n".to_vec(),
            ),
            (
                "proposals/young.toml".to_owned(),
                b"title = \"Y\"\nstatus = \"proposed\"\nraised = 2026-11-16\n".to_vec(),
            ),
        ]);
        let zone = jiff::tz::TimeZone::UTC;
        let clock = Clock { now: Time::parse("2026-11-22T09:15:00Z").unwrap(), zone: &zone };
        let found = day(&records, me, &clock).sections.into_iter();
        let items = |section: DaySection| section.items.into_iter().map(|item| item.reference).collect();
        found.map(|section| (section.heading.split([':', ',']).next().unwrap().to_owned(), items(section))).collect()
    }

    fn expected(sections: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let owned = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        sections.iter().map(|(heading, items)| ((*heading).to_owned(), owned(items))).collect()
    }

    #[test]
    fn a_day_holds_mine_what_i_cover_what_is_offered_and_what_nobody_has() {
        let sections: &[(&str, &[&str])] = &[
            ("overdue", &["T-aaaaaa"]),
            ("offered to you or your team", &["T-dddddd"]),
            ("yours", &["T-bbbbbb"]),
            ("new", &["T-cccccc"]),
            ("proposals without an answer", &["proposal:old"]),
        ];
        assert_eq!(shown(Some("sam")), expected(sections));
    }

    #[test]
    fn without_a_person_the_day_is_the_desks() {
        let sections: &[(&str, &[&str])] = &[
            ("overdue", &["T-aaaaaa", "T-eeeeee"]),
            ("offered and not accepted", &["T-dddddd"]),
            ("new", &["T-cccccc"]),
            ("proposals without an answer", &["proposal:old"]),
        ];
        assert_eq!(shown(None), expected(sections));
    }
}
