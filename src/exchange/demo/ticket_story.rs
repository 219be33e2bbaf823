//! How tickets go: what the customer wants, who takes it, on whom it waits, and how it ends.
//!
//! Each ticket is told to its end; what lies after the calendar's end has not happened yet, which is how open tickets come
//! about. A few are told on purpose so that the last days have something to say.

use std::collections::BTreeSet;

use super::calendar::Calendar;
use super::chance::{Chance, Deck};
use super::data::{self, Customer, Problem};
use super::history::{Act, Event, Verb, Who};
use super::year::{FIRST_DAY, RELEASES, known, released, version};
use super::{last_days, people};
use crate::record::change::ticket::{AfterReply, Resolve, Wait, Words};
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record};

/// Tickets of whole weeks; those of the days after the last Monday come on top.
const TICKETS: i64 = 578;

/// Tells every ticket of the year.
pub(super) fn tell(calendar: &Calendar, seed: u64, events: &mut Vec<Event>) {
    let mut teller = Teller::new(calendar, seed, events);
    for opened in arrivals(calendar, &mut teller.chance) {
        teller.arrival(opened);
    }
    last_days::tell(&mut teller);
    teller.commit_changes();
}

/// When customers wrote, over the year.
fn arrivals(calendar: &Calendar, chance: &mut Chance) -> Vec<Time> {
    let last = calendar.offset(calendar.end);
    let weights: Vec<i64> = (FIRST_DAY..=last)
        .map(|day| {
            let after_release = RELEASES.iter().any(|release| (0..7).contains(&(day - release.1)));
            let busy = calendar.busy(calendar.day(day)) * chance.between(60, 140);
            if after_release { busy * 19 / 10 } else { busy }
        })
        .collect();
    let whole_weeks: i64 = weights.iter().take((-FIRST_DAY) as usize).sum();
    let (mut out, mut sum, mut told) = (Vec::new(), 0, 0);
    for (day, weight) in (FIRST_DAY..=last).zip(&weights) {
        sum += weight;
        while told < sum * TICKETS / whole_weeks.max(1) {
            told += 1;
            let minute = match chance.between(0, 9) {
                0 => chance.between(5 * 60, 8 * 60),
                1 => chance.between(18 * 60, 23 * 60),
                2..=5 => chance.between(8 * 60, 11 * 60),
                _ => chance.between(11 * 60, 18 * 60),
            };
            // The desk is set up in the first hours.
            let minute = if day == FIRST_DAY { minute.max(11 * 60) } else { minute };
            out.push(calendar.at(day, minute).plus(chance.between(0, 59)));
        }
    }
    out
}

/// The ways a ticket can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Answered at once.
    Quick,
    /// The customer is asked something first.
    Asks,
    /// Handed to another team.
    Team,
    /// Waits on a vendor.
    Vendor,
    /// A wish that is declined.
    Wish,
}

const WAYS: &[(&str, Way)] =
    &[("quick", Way::Quick), ("asks", Way::Asks), ("team", Way::Team), ("vendor", Way::Vendor), ("wish", Way::Wish)];

/// A ticket while it is told.
pub(super) struct Telling {
    pub(super) id: TicketId,
    pub(super) problem: Problem,
    pub(super) owner: &'static str,
    pub(super) channel: &'static str,
    pub(super) address: String,
    /// Where the telling has come to.
    pub(super) now: Time,
    words: Vec<(&'static str, String)>,
}

impl Telling {
    /// The version the customer speaks of.
    pub(super) fn version(&self) -> &str {
        self.words.iter().find(|(place, _)| *place == "{version}").map_or("{version}", |(_, version)| version)
    }
}

/// Tells tickets.
pub(super) struct Teller<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) chance: Chance,
    pub(super) problems: Vec<Problem>,
    customers: Vec<Customer>,
    ids: BTreeSet<TicketId>,
    talk: std::collections::BTreeMap<&'static str, Deck>,
    playbooks: Vec<(String, Time)>,
    /// When tickets began to wait on a release, by its tag and the problem it mends.
    pub(super) mended: std::collections::BTreeMap<(&'static str, &'static str), Vec<(Time, TicketId)>>,
    pub(super) events: &'a mut Vec<Event>,
}

impl<'a> Teller<'a> {
    fn new(calendar: &'a Calendar, seed: u64, events: &'a mut Vec<Event>) -> Self {
        let usable = |event: &Event| match &event.act {
            Act::Records { create, sets, .. } => {
                let made = create.iter().find(|r| r.kind == Kind::Playbook).map(|r| r.slug().to_owned());
                made.or_else(|| match sets.as_slice() {
                    [(Kind::Playbook, Name::Slug(slug), _)] => Some(slug.to_string()),
                    _ => None,
                })
            }
            Act::Step { kind: Kind::Playbook, name: Name::Slug(slug), .. } => Some(slug.to_string()),
            _ => None,
        };
        let playbooks = events.iter().filter_map(|event| Some((usable(event)?, event.at))).collect();
        Self {
            calendar,
            chance: Chance::new(seed ^ 0x71C4E7),
            problems: Problem::all(),
            customers: data::customers(),
            ids: BTreeSet::new(),
            talk: std::collections::BTreeMap::new(),
            playbooks,
            mended: std::collections::BTreeMap::new(),
            events,
        }
    }

    /// One of the wordings of a kind of talk.
    pub(super) fn say(&mut self, kind: &'static str) -> &'static str {
        self.talk.entry(kind).or_insert_with(|| Deck::new(data::talk(kind))).draw(&mut self.chance)
    }

    fn new_id(&mut self) -> TicketId {
        loop {
            if let Some(id) = TicketId::from_random(self.chance.bits())
                && self.ids.insert(id)
            {
                return id;
            }
        }
    }

    pub(super) fn push(&mut self, at: Time, who: Who, action: &'static str, id: TicketId, verb: Verb) {
        let why = match &verb {
            Verb::Reopen => "the customer wrote that it is not over".to_owned(),
            Verb::Duplicate(_) => "the same customer, the same trouble".to_owned(),
            _ => String::new(),
        };
        self.events.push(Event { at, who, action, why, act: Act::Ticket(id, Box::new(verb)) });
    }

    /// What somebody may write about at a time: releases bring troubles and end some.
    fn problem_at(&mut self, opened: Time) -> Problem {
        let day = self.calendar.offset(opened);
        let after_release = RELEASES.iter().any(|release| (0..10).contains(&(day - release.1)));
        let weights: Vec<i64> = self
            .problems
            .iter()
            .map(|problem| {
                let weight = problem.number("weight") * 4;
                match problem.slug {
                    "app-shows-last-week" if day > -62 => weight / 8,
                    "week-view-slow" if day < -201 => weight / 10,
                    "week-view-slow" if day > -8 => weight / 8,
                    "large-export-fails" if day > -62 => weight / 3,
                    "app-shows-last-week" | "week-view-slow" | "no-push" if after_release => weight * 3,
                    "invitation-expired" | "locked-account" if day > -250 => weight / 2,
                    _ => weight,
                }
            })
            .collect();
        self.problems[self.chance.weighted(&weights)].clone()
    }

    /// Whatever comes in at a time.
    fn arrival(&mut self, opened: Time) {
        if self.chance.percent(3) {
            return self.spam(opened);
        }
        let problem = self.problem_at(opened);
        let upset = self.chance.percent(if problem.text("upset").is_empty() { 0 } else { 22 });
        let mut told = self.open(problem, opened, upset);
        if self.chance.percent(2) {
            let at = self.calendar.work(told.now, 50);
            let by = people::of_support(self.calendar, &mut self.chance, at);
            let why = if self.chance.percent(40) { "mistake" } else { "no-longer-needed" };
            return self.push(at, Who::Person(by), "ticket drop", told.id, Verb::Drop(why));
        }
        if self.chance.percent(4) {
            self.twice(&told);
        }
        let weights: Vec<i64> = WAYS.iter().map(|(key, _)| told.problem.number(key)).collect();
        let way = WAYS[self.chance.weighted(&weights)].1;
        self.go(&mut told, way);
    }

    /// The whole of a way.
    fn go(&mut self, told: &mut Telling, way: Way) {
        let wait = match self.calendar.offset(told.now) {
            day if RELEASES.iter().any(|release| (0..5).contains(&(day - release.1))) => self.chance.between(60, 420),
            _ => self.chance.between(6, 200),
        };
        told.now = self.calendar.work(told.now, wait);
        told.owner = people::of_support(self.calendar, &mut self.chance, told.now);
        let taken_first = told.channel == "email" || self.chance.percent(50);
        if taken_first || way == Way::Team {
            self.take(told);
        }
        match way {
            Way::Quick => {}
            Way::Asks => {
                if !self.ask(told) {
                    return;
                }
            }
            Way::Team => return self.through_team(told),
            Way::Vendor => self.through_vendor(told),
            Way::Wish => return self.resolve_with(told, "declined", "declined"),
        }
        if self.chance.percent(12) && way != Way::Quick {
            self.note(told);
        }
        self.resolve_with(told, "answer", "");
    }

    fn spam(&mut self, opened: Time) {
        let id = self.new_id();
        let text = self.say("spam");
        let title = text.split(['!', '.', ',']).next().unwrap_or(text);
        let from = format!("offers{}@example.com", self.chance.between(10, 99));
        let record = Record::new(Kind::Ticket, Name::Ticket(id), "")
            .with("title", title)
            .with("status", "new")
            .with("opened", opened)
            .with("contact", from.as_str())
            .with("channel", "email");
        let words = Words { from, channel: "email".to_owned(), at: Some(opened), ..Words::plain(text) };
        self.push(opened.plus(90), Who::Mailbox, "ticket new", id, Verb::New(Box::new(record), words));
        let minutes = self.chance.between(5, 90);
        let at = self.calendar.work(opened.plus(90), minutes);
        let by = people::of_support(self.calendar, &mut self.chance, at);
        self.push(at, Who::Person(by), "ticket drop", id, Verb::Drop("spam"));
    }

    /// Opens a ticket about a problem.
    pub(super) fn open(&mut self, problem: Problem, opened: Time, upset: bool) -> Telling {
        let day = self.calendar.offset(opened);
        let place = self.chance.between(0, known(day, self.customers.len()) as i64 - 1) as usize;
        let customer = self.customers[place].clone();
        let (name, address) = self.chance.one(&customer.contacts).clone();
        let open_now = self.calendar.is_open(opened);
        let channel = match self.chance.between(0, 99) {
            0..=13 if open_now => "phone",
            14..=27 if open_now => "chat",
            28..=42 => "form",
            _ => "email",
        };
        let words = self.vars(&customer, name, opened);
        let id = self.new_id();
        let titles = problem.texts("title");
        let title = fill(self.chance.one::<&str>(&titles), &words);
        let said = problem.texts(if upset { "upset" } else { "said" });
        let said = fill(self.chance.one::<&str>(&said), &words);
        let product = problem.text("product");
        let mut record = Record::new(Kind::Ticket, Name::Ticket(id), "")
            .with("title", title)
            .with("status", "new")
            .with("opened", opened)
            .with("customer", customer.slug.as_str())
            .with("contact", address.as_str())
            .with("channel", channel)
            .with("product", product);
        if self.chance.percent(45) {
            record.set("version", version(day));
        }
        if self.chance.percent(7) {
            record.set("customer", crate::record::Value::Unset);
        }
        let by_hand = matches!(channel, "phone" | "chat");
        let (who, minutes) = if by_hand {
            let by = people::of_support(self.calendar, &mut self.chance, opened);
            record.set("topic", problem.text("topic"));
            record.set("severity", problem.text("severity"));
            (Who::Person(by), self.chance.between(4, 15))
        } else {
            (Who::Mailbox, 1)
        };
        let first = Words {
            from: format!("{name} <{address}>"),
            channel: channel.to_owned(),
            at: Some(opened),
            upset,
            ..Words::plain(said)
        };
        let now = opened.plus(minutes * 60 + 11);
        self.push(now, who, "ticket new", id, Verb::New(Box::new(record), first));
        let owner = match who {
            Who::Person(by) => by,
            _ => "",
        };
        Telling { id, problem, owner, channel, address, now, words }
    }

    fn vars(&mut self, customer: &Customer, contact: &str, opened: Time) -> Vec<(&'static str, String)> {
        let day = self.calendar.offset(opened);
        let names = ["Alex", "Robin", "Kim", "Sasha", "Jamie", "Dana", "Chris", "Lou", "Max", "Nicky", "Toni", "Ricky"];
        let files = ["staff.csv", "people-new.xlsx", "team list.csv", "hours-year.csv", "export-final.csv"];
        let soon = self.calendar.promise(opened, self.chance.between(1, 4));
        let amounts = ["48.00", "96.00", "129.60", "31.20", "212.40", "74.50"];
        vec![
            (
                "{name}",
                contact
                    .replace(" Sample", "")
                    .replace(" Muster", "")
                    .replace(" Exemple", "")
                    .replace(" Eksempel", "")
                    .replace(" Esimerkki", ""),
            ),
            ("{who}", (*self.chance.one(&names)).to_owned()),
            ("{customer}", customer.name.to_owned()),
            ("{place}", (*self.chance.one(&customer.places)).to_owned()),
            ("{n}", self.chance.between(3, 9).to_string()),
            ("{m}", self.chance.between(11, 58).to_string()),
            ("{day}", self.calendar.weekday(soon)),
            ("{month}", self.calendar.last_month(opened)),
            ("{amount}", (*self.chance.one(&amounts)).to_owned()),
            ("{file}", (*self.chance.one(&files)).to_owned()),
            ("{version}", version(day).to_owned()),
        ]
    }

    /// The same customer writes again about the same; the second ticket goes into the first.
    fn twice(&mut self, told: &Telling) {
        let id = self.new_id();
        let text = self.say("same").to_owned();
        let opened = told.now.plus(self.chance.between(2, 30) * 3600);
        let title = fill(told.problem.text("title"), &told.words);
        let record = Record::new(Kind::Ticket, Name::Ticket(id), "")
            .with("title", title)
            .with("status", "new")
            .with("opened", opened)
            .with("contact", told.address.as_str())
            .with("channel", "form")
            .with("product", told.problem.text("product"));
        let words =
            Words { from: told.address.clone(), channel: "form".to_owned(), at: Some(opened), ..Words::plain(text) };
        self.push(opened.plus(71), Who::Mailbox, "ticket new", id, Verb::New(Box::new(record), words));
        let minutes = self.chance.between(10, 120);
        let at = self.calendar.work(opened.plus(71), minutes);
        let by = people::of_support(self.calendar, &mut self.chance, at);
        self.push(at, Who::Person(by), "ticket duplicate", id, Verb::Duplicate(told.id));
    }

    /// Whoever acts for the owner at the moment.
    pub(super) fn owner(&self, told: &Telling) -> Who {
        Who::Person(people::or_cover(self.calendar, told.owner, told.now))
    }

    pub(super) fn take(&mut self, told: &mut Telling) {
        // A few stay unsorted: nobody can say yet what they are about.
        let sorted = !matches!(told.channel, "phone" | "chat") && !self.chance.percent(7);
        let topic = if sorted { told.problem.text("topic") } else { "" };
        let verb = Verb::Take { topic, severity: told.problem.text("severity") };
        self.push(told.now, Who::Person(told.owner), "ticket take", told.id, verb);
        let minutes = self.chance.between(4, 45);
        told.now = self.calendar.work(told.now, minutes);
    }

    /// A wording of the problem's own, filled in.
    pub(super) fn text(&mut self, told: &Telling, key: &str) -> String {
        let texts = told.problem.texts(key);
        if texts.is_empty() {
            return String::new();
        }
        fill(self.chance.one::<&str>(&texts), &told.words)
    }

    /// A wording of the house, with a day to come where it names one.
    pub(super) fn phrase(&mut self, told: &Telling, kind: &'static str, day: Option<Time>) -> String {
        let text = self.say(kind);
        let text = match day {
            Some(day) => text.replace("{day}", &self.calendar.weekday(day)),
            None => text.to_owned(),
        };
        fill(&text.replace("{me}", people::first_name(told.owner)), &told.words)
    }

    pub(super) fn reply(&mut self, told: &Telling, text: String, after: AfterReply) {
        let words =
            Words { to: told.address.clone(), channel: answered_by(told.channel).to_owned(), ..Words::plain(text) };
        let who = self.owner(told);
        self.push(told.now, who, "ticket reply", told.id, Verb::Reply(words, after));
    }

    pub(super) fn received(&mut self, told: &Telling, text: String) {
        self.wrote(told, text, false);
    }

    fn wrote(&mut self, told: &Telling, text: String, upset: bool) {
        let words = Words { from: told.address.clone(), channel: "email".to_owned(), upset, ..Words::plain(text) };
        self.push(told.now, Who::Mailbox, "ticket received", told.id, Verb::Received(words));
    }

    fn note(&mut self, told: &mut Telling) {
        let text = self.phrase(told, "note", None);
        let who = self.owner(told);
        self.push(told.now, who, "note", told.id, Verb::Note(Words::plain(text)));
        let minutes = self.chance.between(10, 90);
        told.now = self.calendar.work(told.now, minutes);
    }

    /// Asks the customer and waits for them; false when they never answered and the ticket ended so.
    pub(super) fn ask(&mut self, told: &mut Telling) -> bool {
        let text = self.text(told, "ask");
        let next = self.calendar.promise(told.now, self.chance.between(2, 4));
        let wait = Wait { on: "customer".to_owned(), what: question(&text), next_update: Some(next) };
        self.reply(told, text, AfterReply { wait: Some(wait), ..AfterReply::default() });
        if self.chance.percent(9) {
            self.silence(told, next);
            return false;
        }
        let hours = *self.chance.one(&[1, 2, 3, 5, 18, 22, 30, 47]);
        told.now = told.now.plus(hours * 3600 + self.chance.between(60, 3500));
        let answer = self.text(told, "told");
        self.received(told, answer);
        let minutes = self.chance.between(20, 260);
        told.now = self.calendar.work(told.now, minutes);
        true
    }

    /// The customer does not answer: one reminder, then the end.
    fn silence(&mut self, told: &mut Telling, next: Time) {
        let late = if self.chance.percent(20) { 700 } else { 0 };
        told.now = self.calendar.work(next.plus(-3 * 3600), late);
        let again = self.calendar.promise(told.now, 4);
        let text = self.phrase(told, "reminder", Some(again));
        self.reply(told, text, AfterReply { next_update: Some(again), ..AfterReply::default() });
        told.now = self.calendar.work(again.plus(-2 * 3600), 20);
        let text = self.phrase(told, "closing", None);
        let resolve = Resolve { resolution: "answered".to_owned(), ..Resolve::default() };
        self.reply(told, text, AfterReply { resolve: Some(resolve), ..AfterReply::default() });
    }

    /// Waits on whoever delivers to us.
    fn through_vendor(&mut self, told: &mut Telling) {
        let next = self.calendar.promise(told.now, 3);
        let text = self.phrase(told, "looking", Some(next));
        let wait = Wait {
            on: told.problem.text("on").to_owned(),
            what: told.problem.text("wait").to_owned(),
            next_update: Some(next),
        };
        self.reply(told, text, AfterReply { wait: Some(wait), ..AfterReply::default() });
        let late = if self.chance.percent(25) { self.chance.between(500, 1100) } else { 0 };
        told.now = self.calendar.work(next.plus(-4 * 3600), late);
    }

    /// The last reply, and what may come after it.
    pub(super) fn resolve_with(&mut self, told: &mut Telling, key: &'static str, resolution: &str) {
        // What another team did is said in the problem's own words, or in those of the house.
        let text = if key == "mended" { self.phrase(told, key, None) } else { self.text(told, key) };
        let resolution = if resolution.is_empty() { told.problem.text("resolution") } else { resolution };
        let cause = Some(told.problem.text("cause").to_owned()).filter(|cause| !cause.is_empty());
        let playbook = self.playbook(told);
        let resolve = Resolve { resolution: resolution.to_owned(), playbook, cause };
        self.reply(told, text, AfterReply { resolve: Some(resolve), ..AfterReply::default() });
        self.afterwards(told, resolution);
    }

    /// The problem's playbook, once there is one.
    fn playbook(&mut self, told: &Telling) -> Option<String> {
        let slug = told.problem.text("playbook");
        let there = self.playbooks.iter().any(|(known, at)| known == slug && *at < told.now);
        (there && self.chance.percent(88)).then(|| slug.to_owned())
    }

    /// Thanks, or the trouble comes back.
    pub(super) fn afterwards(&mut self, told: &mut Telling, resolution: &str) {
        let roll = self.chance.between(0, 99);
        if roll < 20 {
            told.now = told.now.plus(self.chance.between(300, 16_000));
            let text = self.phrase(told, "thanks", None);
            self.received(told, text);
        } else if roll < 25 && resolution != "declined" {
            told.now = told.now.plus(self.chance.between(60_000, 260_000));
            let upset = self.chance.percent(30);
            let text = self.phrase(told, if upset { "cross" } else { "again" }, None);
            self.wrote(told, text, upset);
            let minutes = self.chance.between(15, 200);
            told.now = self.calendar.work(told.now, minutes);
            let who = self.owner(told);
            self.push(told.now, who, "ticket reopen", told.id, Verb::Reopen);
            let minutes = self.chance.between(30, 400);
            told.now = self.calendar.work(told.now, minutes);
            let text = self.phrase(told, "sorry", None);
            let resolve = Resolve { resolution: resolution.to_owned(), ..Resolve::default() };
            self.reply(told, text, AfterReply { resolve: Some(resolve), ..AfterReply::default() });
        }
    }

    /// The release after a time: its tag, and noon of its day.
    pub(super) fn next_release(&self, at: Time) -> (&'static str, Time) {
        let day = self.calendar.offset(at);
        let next = RELEASES.iter().find(|release| release.1 > day).unwrap_or(&RELEASES[RELEASES.len() - 1]);
        (next.0, released(self.calendar, next.1))
    }
}

/// The way a reply goes: calls and chats end, so later words go by mail.
fn answered_by(channel: &str) -> &str {
    if channel == "phone" { "phone" } else { "email" }
}

/// What is asked, in the words a list shows.
fn question(text: &str) -> String {
    let asked = text.split(['.', '\n']).rev().find(|part| part.contains('?')).unwrap_or("their answer");
    let asked = asked.trim().trim_start_matches("And ").split('?').next().unwrap_or(asked).trim();
    let short: String = asked.chars().take(60).collect();
    match short.rsplit_once(' ') {
        Some((head, _)) if asked.chars().count() > 60 => format!("{head} ..."),
        _ => short,
    }
}

pub(super) fn fill(text: &str, words: &[(&'static str, String)]) -> String {
    let mut out = text.replace('|', "\n");
    for (place, word) in words {
        out = out.replace(place, word);
    }
    out
}
