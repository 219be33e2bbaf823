//! What happens in the year besides tickets: the desk is set up, playbooks and proposals go their way, people talk.

use super::calendar::Calendar;
use super::chance::{Chance, Deck};
use super::data::{self, Customer};
use super::history::{Act, Event, Sets, Step, Who};
use super::people::{self, AWAY, MIKA_CAME};
use crate::desk::WriteError;
use crate::record::change::person::{self, Away};
use crate::record::change::{self, Moment, playbook, proposal, stamped};
use crate::record::slug::Slug;
use crate::record::time::Time;
use crate::record::{Kind, Name, Record, Value};

/// The first day of the history.
pub(super) const FIRST_DAY: i32 = -364;

/// Releases: tag, day, and what the tag says.
pub(super) const RELEASES: &[(&str, i32, &str)] = &[
    ("v2.1", -334, "Roster and Tally 2.1\n\nPatterns in print, a calmer start page."),
    ("v2.2", -264, "Roster and Tally 2.2\n\nSix-digit codes for signing in, swaps with approval."),
    ("v2.3", -201, "Roster and Tally 2.3\n\nThe new week view, absences of other sites."),
    ("v2.4", -138, "Roster and Tally 2.4\n\nExport favourites, faster start of the app."),
    ("v2.5", -68, "Roster and Tally 2.5\n\nThe app reckons with the server's clock; exports write as they go."),
    ("v2.6", -12, "Roster and Tally 2.6\n\nAbsences are read in one go: the week view opens at once."),
    ("v2.7", 51, "Roster and Tally 2.7"),
];

/// Noon of a release's day.
pub(super) fn released(calendar: &Calendar, day: i32) -> Time {
    calendar.at(day, 12 * 60)
}

/// The version that customers have on a day.
pub(super) fn version(day: i32) -> &'static str {
    RELEASES.iter().rev().find(|release| release.1 <= day).map_or("2.0", |release| &release.0[1..])
}

/// Day, person, and what they do.
type Steps = &'static [(i32, &'static str, &'static str)];

/// Steps of playbooks: day, person, and the new status or the key that changes. The first makes it.
const PLAYBOOKS: &[(&str, Steps)] = &[
    (
        "sign-in-link-late",
        &[
            (-353, "noor", "draft"),
            (-348, "noor", "internal"),
            (-300, "sam", "published"),
            (-80, "sam", "removed-by"),
            (-6, "sam", "asked-next"),
        ],
    ),
    ("locked-account", &[(-346, "ada", "internal"), (-281, "ada", "published")]),
    ("invitation-expired", &[(-339, "theo", "draft"), (-336, "theo", "internal"), (-274, "sam", "published")]),
    (
        "app-shows-last-week",
        &[
            (-322, "sam", "draft"),
            (-320, "sam", "internal"),
            (-267, "sam", "published"),
            (-64, "noor", "removed-in"),
            (-35, "sam", "retired"),
        ],
    ),
    ("no-push", &[(-270, "sam", "draft"), (-267, "sam", "internal"), (-211, "sam", "published")]),
    ("vat-number-missing", &[(-263, "ada", "internal"), (-228, "sam", "published"), (-54, "ada", "removed-by")]),
    ("mails-in-junk", &[(-256, "noor", "internal"), (-5, "theo", "flags")]),
    ("charged-twice", &[(-249, "june", "internal")]),
    ("more-seats", &[(-242, "june", "draft"), (-239, "theo", "published")]),
    ("payroll-export", &[(-232, "ada", "internal"), (-200, "ada", "published"), (-130, "ada", "asked-next")]),
    ("staff-list-rejected", &[(-227, "noor", "draft"), (-224, "noor", "internal"), (-180, "sam", "published")]),
    ("week-view-slow", &[(-186, "sam", "internal"), (-11, "noor", "removed-in")]),
    ("rest-hours", &[(-123, "theo", "draft"), (-117, "theo", "internal"), (-7, "sam", "published")]),
    ("breaks-not-deducted", &[(-6, "ada", "draft")]),
];

/// Keys of a playbook that come later than the rest.
const LATER: &[&str] = &["asked-next", "flags", "removed-by", "removed-in", "replaced-by"];

/// Steps of proposals: day, person and the new status; a nobody is nobody's name.
const PROPOSALS: &[(&str, Steps)] = &[
    (
        "read-it-back",
        &[(-331, "theo", "proposed"), (-326, "june", "heard"), (-320, "theo", "trial"), (-290, "theo", "adopted")],
    ),
    (
        "thursday-hours",
        &[(-284, "sam", "proposed"), (-280, "june", "heard"), (-277, "june", "trial"), (-234, "june", "adopted")],
    ),
    (
        "evening-phone",
        &[(-262, "june", "proposed"), (-256, "ada", "heard"), (-250, "june", "trial"), (-218, "june", "reverted")],
    ),
    ("one-form-for-hand-offs", &[(-205, "noor", "proposed"), (-201, "june", "heard"), (-165, "noor", "adopted")]),
    ("status-page-in-the-planner", &[(-171, "theo", "proposed"), (-165, "june", "heard"), (-5, "june", "deferred")]),
    ("answer-with-films", &[(-148, "mika", "proposed"), (-144, "june", "heard"), (-109, "sam", "declined")]),
    ("second-screen", &[(-119, "ada", "proposed"), (-112, "ada", "withdrawn")]),
    ("codes-for-everyone", &[(-88, "sam", "proposed"), (-82, "june", "heard")]),
    ("vat-at-sign-up", &[(-61, "ada", "proposed"), (-57, "lena", "heard"), (-33, "ada", "trial")]),
    ("quieter-room", &[(-9, "", "proposed")]),
    ("release-dates-together", &[(-5, "noor", "proposed")]),
    ("quiet-fridays", &[(-104, "june", "proposed"), (-101, "june", "heard"), (-4, "noor", "superseded")]),
];

/// What a proposal says when it is raised.
const RAISED: &[&str] = &[
    "title",
    "kind",
    "raised",
    "raised-by",
    "observed",
    "idea",
    "small-test",
    "customer-benefit",
    "evidence",
    "teams",
    "measure",
];

/// The command that brings a proposal to a status, with the words that `last` has in the end.
fn step_of(last: &Record, status: &str) -> (&'static str, Step) {
    let last = last.clone();
    match status {
        "heard" => (
            "proposal hear",
            Box::new(move |p: &Record, _: &mut Moment<'_>| {
                let mut plan = proposal::hear(p, last.text("answer"))?;
                plan.changes.push(change::set(p, vec![("owner", last.get("owner").clone())]));
                Ok(plan)
            }),
        ),
        "trial" => (
            "proposal trial",
            Box::new(move |p, moment| proposal::trial(p, last.day("trial-from"), last.day("trial-until"), moment)),
        ),
        "adopted" => ("proposal adopt", Box::new(move |p, _| proposal::adopt(p, last.text("what-happened")))),
        "reverted" => ("proposal revert", Box::new(move |p, _| proposal::revert(p, last.text("what-happened")))),
        "declined" => (
            "proposal decline",
            Box::new(move |p, _| proposal::decline(p, last.text("reason"), last.text("would-reopen-if"))),
        ),
        "deferred" => ("proposal defer", Box::new(move |p, moment| proposal::defer(p, last.day("revisit"), moment))),
        "withdrawn" => ("proposal withdraw", Box::new(|p, _| proposal::withdraw(p))),
        _ => {
            let by = last.text("superseded-by").strip_prefix("proposal:").unwrap_or(last.text("superseded-by"));
            let by = Slug::parse(by);
            ("proposal supersede", Box::new(move |p, _| proposal::supersede(p, by.as_ref())))
        }
    }
}

/// Everything of the year but tickets.
pub(super) fn events(calendar: &Calendar, seed: u64) -> Result<Vec<Event>, WriteError> {
    let mut year = Year { calendar, chance: Chance::new(seed ^ 0x0FF1CE), out: Vec::new() };
    let customers = data::customers();
    let first = set_up(&mut year, &customers)?;
    for (place, customer) in customers.iter().enumerate().skip(first) {
        let day = joined(place);
        let at = year.office(day);
        let by = people::of_support(calendar, &mut year.chance, at);
        let record = customer_record(&mut year.chance, calendar, customer, day);
        year.records(at, by, "customer new", vec![record], &format!("new, {}", customer.name));
    }
    playbooks(&mut year)?;
    proposals(&mut year)?;
    away(&mut year);
    talks(&mut year, &customers[..first]);
    jots(&mut year, &customers[..first]);
    for (tag, day, notes) in RELEASES {
        year.push(released(calendar, *day), Who::Person("ivo"), "", Act::Release { tag, notes });
    }
    Ok(year.out)
}

/// How many customers are known from the first day.
const KNOWN_AT_FIRST: usize = 29;

/// The day the customer at `place` of the list came.
fn joined(place: usize) -> i32 {
    FIRST_DAY + if place < KNOWN_AT_FIRST { 0 } else { 20 + (place - KNOWN_AT_FIRST) as i32 * 29 }
}

/// How many customers of the list may write on a day: those that came a week ago or earlier.
pub(super) fn known(day: i32, of: usize) -> usize {
    (0..of).filter(|place| *place < KNOWN_AT_FIRST || joined(*place) + 7 <= day).count()
}

struct Year<'a> {
    calendar: &'a Calendar,
    chance: Chance,
    out: Vec<Event>,
}

impl Year<'_> {
    fn push(&mut self, at: Time, who: Who, action: &'static str, act: Act) {
        self.out.push(Event { at, who, action, why: String::new(), act });
    }

    /// A time in office hours of a day, or of the next that has some.
    fn office(&mut self, day: i32) -> Time {
        let minute = self.chance.between(9 * 60 + 5, 17 * 60);
        let seconds = self.chance.between(0, 59);
        self.calendar.work(self.calendar.at(day, minute), 0).plus(seconds)
    }

    /// The same, and not before something else: holidays push things together.
    fn office_after(&mut self, day: i32, before: Time) -> Time {
        let at = self.office(day);
        if at > before { at } else { self.calendar.work(before, 40) }
    }

    fn records(&mut self, at: Time, by: &'static str, action: &'static str, create: Vec<Record>, words: &str) {
        let about = if create.len() == 1 { create[0].reference() } else { String::new() };
        let act = Act::Records { create, sets: Vec::new(), about, words: words.to_owned() };
        self.push(at, Who::Person(by), action, act);
    }

    fn set(&mut self, at: Time, who: Who, action: &'static str, sets: Sets, words: String) {
        let about = Record::new(sets.0, sets.1.clone(), "").reference();
        self.push(at, who, action, Act::Records { create: Vec::new(), sets: vec![sets], about, words });
    }

    fn step(&mut self, at: Time, by: &'static str, action: &'static str, about: String, of: (Kind, Name), step: Step) {
        let act = Act::Step { kind: of.0, name: of.1, about, step };
        self.push(at, Who::Person(by), action, act);
    }
}

fn set_up(year: &mut Year<'_>, customers: &[Customer]) -> Result<usize, WriteError> {
    let calendar = year.calendar;
    let mut standing = data::standing(calendar)?;
    for record in &mut standing {
        if record.slug() == "priya" {
            // She is at her limit at the end of the year only.
            record.set("available", "yes");
            record.set("available-until", Value::Unset);
        }
    }
    let mut take = |wanted: &dyn Fn(&Record) -> bool| -> Vec<Record> {
        let (taken, left) = std::mem::take(&mut standing).into_iter().partition(wanted);
        standing = left;
        taken
    };
    let mut settings = Record::new(Kind::Settings, Name::Desk, "").with("format", 1i64);
    for (key, value) in super::SETTINGS {
        settings.set(key, *value);
    }
    settings.set("products", vec!["Roster".to_owned(), "Tally".to_owned()]);
    let at = |minute: i64| calendar.at(FIRST_DAY, minute);
    let mika = take(&|r| r.slug() == "mika");
    let people = take(&|r| matches!(r.kind, Kind::Person | Kind::Team));
    let roles = take(&|r| r.kind == Kind::Role);
    let channels = take(&|r| r.kind == Kind::Channel);
    let topics = take(&|r| r.kind == Kind::Topic);
    let known: Vec<Record> = customers[..KNOWN_AT_FIRST]
        .iter()
        .map(|customer| customer_record(&mut year.chance, calendar, customer, FIRST_DAY))
        .collect();
    year.records(at(9 * 60 + 2), "june", "init", vec![settings], "");
    if let Some(Event { act: Act::Records { about, words, .. }, .. }) = year.out.last_mut() {
        about.clear();
        *words = "make a desk".to_owned();
    }
    year.records(at(9 * 60 + 10), "june", "person new", people, "who we are: three teams and their people");
    year.records(at(9 * 60 + 24), "june", "role new", roles, "roles, with holders and backups");
    year.records(at(9 * 60 + 41), "june", "channel new", channels, "four ways to reach us, each with its job");
    year.records(at(9 * 60 + 58), "ada", "topic new", topics, "twelve topics, in customers' words");
    year.records(at(10 * 60 + 20), "ada", "customer new", known, "customers we know from the old list");
    let plans = take(&|r| r.kind == Kind::Plan);
    year.records(at(10 * 60 + 31), "june", "set", plans, "whom we write to, and how often");
    year.records(
        year.calendar.at(-357, 11 * 60),
        "theo",
        "set",
        take(&|r| r.kind == Kind::Query),
        "queries for the stand-up",
    );
    let came = year.office(MIKA_CAME);
    let role = |slug: &str| Slug::parse(slug).map(Name::Slug).unwrap_or(Name::Desk);
    year.records(came, "june", "person new", mika, "welcome, Mika");
    let holders: Vec<String> = ["ada", "mika", "noor", "sam", "theo"].map(str::to_owned).to_vec();
    let at_work = year.office(MIKA_CAME + 30);
    let sets = (Kind::Role, role("first-line"), vec![("holders", holders.into())]);
    year.set(at_work, Who::Person("june"), "set", sets, "Mika holds it too".to_owned());
    let limit = vec![("available", "at-limit".into()), ("available-until", year.calendar.day(18).into())];
    let busy = year.office(-5);
    year.set(
        busy,
        Who::Person("priya"),
        "set",
        (Kind::Person, role("priya"), limit),
        "at the limit until the new planner is out".to_owned(),
    );
    Ok(KNOWN_AT_FIRST)
}

fn customer_record(chance: &mut Chance, calendar: &Calendar, customer: &Customer, day: i32) -> Record {
    let owners = ["ada", "june", "noor", "sam", "theo"];
    customer
        .record
        .clone()
        .with("prefers", *chance.one(&["email", "email", "phone", "chat"]))
        .with("confirmed", calendar.day(day))
        .with("relationship-owner", *chance.one(&owners))
        .with("talk-every-days", *chance.one(&[60i64, 90, 120]))
}

fn playbooks(year: &mut Year<'_>) -> Result<(), WriteError> {
    let all = data::playbooks(year.calendar)?;
    for (slug, steps) in PLAYBOOKS {
        let Some(last) = all.iter().find(|record| record.slug() == *slug) else { continue };
        let mut before = Time::from_unix(0);
        for (place, (day, by, what)) in steps.iter().enumerate() {
            let at = year.office_after(*day, before);
            before = at;
            if place == 0 {
                let mut record = last.clone().with("status", *what);
                LATER.iter().for_each(|key| record.set(key, Value::Unset));
                let words = format!("new, {}", last.text("title"));
                year.records(at, by, "playbook new", vec![record], &words);
                continue;
            }
            let of = (Kind::Playbook, last.name.clone());
            if *what == "published" {
                let step: Step = Box::new(|record, _| playbook::publish(record));
                year.step(at, by, "playbook publish", last.reference(), of, step);
                continue;
            }
            if *what == "flags" {
                let flag = last.get("flags").to_string();
                let step: Step = Box::new(move |record, _| playbook::flag(record, &flag));
                year.step(at, by, "playbook flag", last.reference(), of, step);
                continue;
            }
            let (action, sets, words) = match *what {
                "internal" => ("set", ("status", Value::from("internal")), "ready for the team".to_owned()),
                "retired" => ("retire", ("status", "retired".into()), "retired, no longer needed".to_owned()),
                key => {
                    let key = LATER.iter().find(|later| *later == &key).copied().unwrap_or("asked-next");
                    let words = match key {
                        "asked-next" => "what customers ask next".to_owned(),
                        key => format!("{} {}", key.replace('-', " "), last.text(key)),
                    };
                    ("set", (key, last.get(key).clone()), words)
                }
            };
            year.set(at, Who::Person(by), action, (Kind::Playbook, last.name.clone(), vec![sets]), words);
        }
    }
    Ok(())
}

fn proposals(year: &mut Year<'_>) -> Result<(), WriteError> {
    let all = data::proposals(year.calendar)?;
    let mut raised_before = Time::from_unix(0);
    for (slug, steps) in PROPOSALS {
        let Some(last) = all.iter().find(|record| record.slug() == *slug) else { continue };
        let (mut before, mut raised) = (Time::from_unix(0), Time::from_unix(0));
        for (day, by, status) in *steps {
            let at = year.office_after(*day, if *status == "superseded" { raised_before } else { before });
            before = at;
            if *status == "proposed" {
                raised = at;
                let mut record = Record::new(Kind::Proposal, last.name.clone(), "").with("status", "proposed");
                RAISED.iter().for_each(|key| record.set(key, last.get(key).clone()));
                let words = format!("new, {}", last.text("title"));
                if by.is_empty() {
                    // To the day and no closer.
                    let at = year.calendar.day(*day).start(&jiff::tz::TimeZone::UTC);
                    let act = Act::Records { create: vec![record], sets: Vec::new(), about: last.reference(), words };
                    year.push(at, Who::Nobody, "proposal new", act);
                } else {
                    year.records(at, by, "proposal new", vec![record], &words);
                }
                continue;
            }
            let (action, step) = step_of(last, status);
            year.step(at, by, action, last.reference(), (Kind::Proposal, last.name.clone()), step);
        }
        raised_before = raised;
    }
    Ok(())
}

fn away(year: &mut Year<'_>) {
    for (who, from, to, cover) in AWAY {
        let Some(slug) = Slug::parse(who) else { continue };
        let ahead = year.chance.between(10, 25) as i32;
        let at = year.office(if *from > 0 { -5 } else { from - ahead });
        let away = Away { from: year.calendar.day(*from), to: year.calendar.day(*to), cover: (*cover).to_owned() };
        let step: Step = Box::new(move |person, moment| person::away(person, &away, moment));
        year.step(at, who, "person away", format!("person:{slug}"), (Kind::Person, Name::Slug(slug)), step);
    }
}

fn talks(year: &mut Year<'_>, customers: &[Customer]) {
    for (team, every, by) in [("engineering", 14, "noor"), ("billing", 28, "june")] {
        let mut deck = Deck::new(data::talk(team));
        for day in (FIRST_DAY + 8..-2).step_by(every) {
            let at = year.office(day);
            let by = people::or_cover(year.calendar, by, at);
            let text = fill(deck.draw(&mut year.chance), "", "", "invoices", day);
            let Some(slug) = Slug::parse(team) else { continue };
            let step: Step = Box::new(move |team, moment| Ok(stamped::talked(team, "meeting", &text, moment)));
            year.step(at, by, "team talked", format!("team:{team}"), (Kind::Team, Name::Slug(slug)), step);
        }
    }
    let mut deck = Deck::new(data::talk("customer"));
    for round in 0..34 {
        let day = FIRST_DAY + 12 + round * 10 + year.chance.between(0, 8) as i32;
        let at = year.office(day.min(-3));
        let day = year.calendar.offset(at);
        let by = people::of_support(year.calendar, &mut year.chance, at);
        let customer = year.chance.one(customers).clone();
        let via = *year.chance.one(&["call", "call", "call", "visit", "meeting"]);
        let topic = topic_words(&mut year.chance);
        let text = fill(deck.draw(&mut year.chance), customer.name, "", topic, day);
        let step: Step = Box::new(move |customer, moment| {
            let mut plan = stamped::talked(customer, via, &text, moment);
            let today = moment.at.day_in(&moment.zone);
            plan.changes.push(change::set(customer, vec![("confirmed", today.into())]));
            plan.summary.push_str(", context confirmed");
            Ok(plan)
        });
        let about = format!("customer:{}", customer.slug);
        year.step(at, by, "customer talked", about, (Kind::Customer, Name::Slug(customer.slug)), step);
    }
}

fn jots(year: &mut Year<'_>, customers: &[Customer]) {
    let mut decks = ["high", "low", "story"].map(|kind| (kind, Deck::new(data::talk(kind))));
    for week in 0..52 {
        let monday = FIRST_DAY + week * 7;
        let kinds: &[usize] = match week {
            51 => &[0, 0, 1, 2],
            week if week % 4 == 1 => &[0, 1, 2],
            week if week % 4 == 3 => &[0, 2],
            _ => &[0, 1],
        };
        for kind in kinds {
            let day = monday + year.chance.between(1, 4) as i32;
            let at = year.office(day.min(-3));
            let (word, deck) = &mut decks[*kind];
            let by = people::of_support(year.calendar, &mut year.chance, at);
            let customer = year.chance.one(customers).clone();
            let product = *year.chance.one(&["Roster", "Tally"]);
            let topic = topic_words(&mut year.chance);
            let pattern = deck.draw(&mut year.chance);
            let text = fill(pattern, customer.name, product, topic, year.calendar.offset(at));
            let about =
                if pattern.contains("{customer}") { vec![format!("customer:{}", customer.slug)] } else { Vec::new() };
            let kind = *word;
            let short = text.split(['.', ',', ';', ':']).next().unwrap_or(&text).to_owned();
            let act = Act::Said(Box::new(move |moment| {
                let mut plan = stamped::jot(kind, &text, about.clone(), moment);
                plan.summary = format!("{kind}, {short}");
                plan
            }));
            year.push(at, Who::Person(by), "jot", act);
        }
    }
}

/// A topic as people speak of it.
fn topic_words(chance: &mut Chance) -> &'static str {
    chance.one::<&str>(&["breaks", "signing in", "the phone app", "invoices", "imports", "seats", "exports", "swaps"])
}

fn fill(text: &str, customer: &str, product: &str, topic: &str, day: i32) -> String {
    text.replace("{customer}", customer)
        .replace("{product}", product)
        .replace("{topic}", topic)
        .replace("{version}", version(day))
}
