//! What is true of a desk at the end of a window, and what changed within it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Window;
use super::numbers::median;
use crate::desk::Records;
use crate::desk::coming::Coming;
use crate::desk::lives::{Life, Lives, Version};
use crate::record::id::TicketId;
use crate::record::time::{Day, Time};
use crate::record::value::Row;
use crate::record::{Kind, Record, Value, ticket};

/// What a digest is made from.
pub struct Material<'a> {
    /// Every ticket's versions.
    pub lives: &'a Lives,
    /// The records right before the window.
    pub before: &'a Records,
    /// The records at its end.
    pub after: &'a Records,
    /// What commits recorded in the window say that customers will notice.
    pub coming: &'a [Coming],
}

/// What is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// What came in.
    pub came_in: CameIn,
    /// What was resolved.
    pub resolved: Resolved,
    /// What is open at the end.
    pub open: Open,
    /// Whom open problems wait on, the longest list first.
    pub waits: Vec<Wait>,
    /// Next updates that were due before the end, the latest first.
    pub overdue: Vec<OpenTicket>,
    /// Playbooks that are new or changed.
    pub playbooks: Vec<PlaybookNews>,
    /// Changes that customers will notice, the earliest first.
    pub coming: Vec<ComingChange>,
    /// Proposals that are new or were answered.
    pub proposals: Vec<ProposalNews>,
    /// Who is away in the seven days after the window.
    pub away: Vec<Away>,
    /// Highs, lows and stories.
    pub jots: Vec<Jot>,
    /// What somebody has to decide.
    pub decisions: Vec<Decision>,
}

/// What came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CameIn {
    /// Tickets opened.
    pub contacts: usize,
    /// The same without duplicates.
    pub problems: usize,
    /// The most frequent topics of the problems, five at most.
    pub topics: Vec<TopicCount>,
    /// Problems with another topic.
    pub other: usize,
    /// Problems without a topic.
    pub unsorted: usize,
}

/// How many problems were about a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TopicCount {
    /// The slug.
    pub topic: String,
    /// The topic in words.
    pub title: String,
    /// value or failure; "" when nobody said.
    pub demand: String,
    /// How many.
    pub problems: usize,
}

/// What was resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Resolved {
    /// Problems resolved in the window and still so at its end.
    pub problems: usize,
    /// The same by resolution, in the order of the ways to resolve.
    pub by_resolution: Vec<(String, usize)>,
    /// How many of them a playbook solved.
    pub with_playbook: usize,
    /// From first contact to the resolution, in seconds, the shortest first.
    pub customer_seconds: Vec<i64>,
    /// The median of these.
    pub median_seconds: Option<i64>,
    /// Tickets opened again in the window.
    pub reopened: usize,
    /// Tickets dropped because the customer needed nothing any more.
    pub no_longer_needed: usize,
}

/// What is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Open {
    /// How many problems.
    pub problems: usize,
    /// How many of them have no owner.
    pub without_owner: usize,
    /// The oldest, five at most.
    pub oldest: Vec<OpenTicket>,
}

/// A ticket that is open at the window's end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OpenTicket {
    /// `T-7k3mqp`.
    pub id: String,
    /// What the customer needs.
    pub title: String,
    /// The customer in words; "" when unknown.
    pub customer: String,
    /// Since the first contact.
    pub age_seconds: i64,
    /// Whom it waits on: us, customer, team, vendor, release; "" when nobody said.
    pub waiting_on: String,
    /// The same in words.
    pub waiting_on_words: String,
    /// What for.
    pub waiting_for: String,
    /// The day of the next update.
    pub next_update: Option<String>,
    /// How long the next update is overdue.
    pub overdue_seconds: Option<i64>,
    #[serde(skip)]
    pub(super) next_update_day: Option<Day>,
}

/// How many open problems wait on somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wait {
    /// The reference, `us`, or "" when nobody said.
    pub on: String,
    /// In words.
    pub words: String,
    /// How many problems.
    pub problems: usize,
    /// How long the one that waits longest has waited.
    pub longest_seconds: i64,
}

/// What happened to a playbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PlaybookNews {
    /// published, new, changed or retired.
    pub what: &'static str,
    /// The playbook.
    pub playbook: String,
    /// The problem it solves.
    pub title: String,
}

/// A change that customers will notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ComingChange {
    /// What they will notice.
    pub text: String,
    /// What the desk calls the repository it was made in; "" for its own.
    pub repository: String,
    /// The commit.
    pub commit: String,
    /// The day on which it was recorded.
    pub day: String,
    #[serde(skip)]
    pub(super) on: Day,
}

/// What happened to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProposalNews {
    /// Its status at the window's end.
    pub status: String,
    /// It was raised in the window.
    pub new: bool,
    /// The proposal.
    pub proposal: String,
    /// The wish.
    pub title: String,
    /// What was said: the answer, what happened, or the reason.
    pub because: String,
    /// What would have to change, of a declined one.
    pub would_reopen_if: String,
    /// The title of the proposal that stands for it now, of a superseded one.
    pub instead: String,
    /// The day a trial ends or a deferred one is taken up.
    pub until: Option<String>,
    #[serde(skip)]
    pub(super) until_day: Option<Day>,
}

/// Someone away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Away {
    /// Who.
    pub name: String,
    /// First and last day.
    pub days: String,
    /// Who stands in; "" when nobody does.
    pub cover: String,
}

/// A high, a low or a story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Jot {
    /// high, low or story.
    pub kind: String,
    /// The words.
    pub text: String,
}

/// Something to decide about a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Decision {
    /// answer, end-of-trial or revisit.
    pub what: &'static str,
    /// The proposal.
    pub proposal: String,
    /// The wish.
    pub title: String,
    /// Since when it waits for the decision.
    pub since: String,
    #[serde(skip)]
    pub(super) since_day: Day,
}

/// How long a proposal may wait for an answer before it shows.
const ANSWER_DAYS: i32 = 7;

/// Finds what is true.
pub fn gather(material: &Material<'_>, window: &Window) -> Facts {
    let tickets = Tickets { material, window, first: material.lives.first_contacts(window.until) };
    let mut overdue: Vec<OpenTicket> = tickets.open().filter(|ticket| ticket.overdue_seconds.is_some()).collect();
    overdue.sort_by(|a, b| (b.overdue_seconds, &a.id).cmp(&(a.overdue_seconds, &b.id)));
    Facts {
        came_in: tickets.came_in(),
        resolved: tickets.resolved(),
        open: tickets.what_is_open(),
        waits: tickets.waits(),
        overdue,
        playbooks: playbooks(material),
        coming: coming(material, window),
        proposals: proposals(material),
        away: away(material.after, window),
        jots: jots(material.after, window),
        decisions: decisions(material.after, window),
    }
}

/// The tickets' side of the material.
struct Tickets<'a> {
    material: &'a Material<'a>,
    window: &'a Window,
    first: BTreeMap<TicketId, Time>,
}

impl<'a> Tickets<'a> {
    /// Lives that count, with the version at the window's end.
    fn counted(&self) -> impl Iterator<Item = (&'a Life, &'a Version)> {
        let until = self.window.until;
        let seen = self.material.lives.iter().filter_map(move |life| Some((life, life.at(until)?)));
        seen.filter(|(_, version)| !version.counts_nowhere())
    }

    /// When a customer first reached us about the ticket's problem.
    fn opened(&self, life: &Life, version: &Version) -> Time {
        self.first.get(&life.id).copied().unwrap_or(version.opened)
    }

    fn came_in(&self) -> CameIn {
        let window = self.window.from..self.window.until;
        let contacts: Vec<&Version> =
            self.counted().map(|(_, version)| version).filter(|version| window.contains(&version.opened)).collect();
        let problems: Vec<&&Version> = contacts.iter().filter(|version| !version.is_duplicate()).collect();
        let mut by_topic: BTreeMap<&str, usize> = BTreeMap::new();
        for version in &problems {
            *by_topic.entry(&version.said.topic).or_default() += 1;
        }
        let unsorted = by_topic.remove("").unwrap_or_default();
        let after = self.material.after;
        let mut topics: Vec<TopicCount> = by_topic
            .into_iter()
            .map(|(topic, problems)| TopicCount {
                topic: topic.to_owned(),
                title: after.label(Kind::Topic, topic).to_owned(),
                demand: after.slug(Kind::Topic, topic).map(|t| t.text("demand").to_owned()).unwrap_or_default(),
                problems,
            })
            .collect();
        topics.sort_by(|a, b| (b.problems, &a.topic).cmp(&(a.problems, &b.topic)));
        let other = topics.split_off(topics.len().min(5)).iter().map(|topic| topic.problems).sum();
        CameIn { contacts: contacts.len(), problems: problems.len(), topics, other, unsorted }
    }

    fn resolved(&self) -> Resolved {
        let window = self.window.from..self.window.until;
        let ended = |life: &Life| life.ended_at(self.window.until).filter(|at| window.contains(at));
        let mut by_resolution: BTreeMap<&str, usize> = BTreeMap::new();
        let (mut customer_seconds, mut with_playbook, mut no_longer_needed) = (Vec::new(), 0, 0);
        for (life, version) in self.counted() {
            let Some(end) = ended(life) else { continue };
            match version.said.status.as_str() {
                "resolved" => {
                    *by_resolution.entry(&version.said.resolution).or_default() += 1;
                    with_playbook += usize::from(version.said.by_playbook);
                    customer_seconds.push(end.unix() - self.opened(life, version).unix());
                }
                "dropped" => no_longer_needed += 1,
                _ => {}
            }
        }
        customer_seconds.sort_unstable();
        let order = |resolution: &str| ticket::RESOLVED.iter().position(|word| *word == resolution);
        let mut by_resolution: Vec<(String, usize)> =
            by_resolution.into_iter().map(|(word, n)| (word.to_owned(), n)).collect();
        by_resolution.sort_by_key(|(word, _)| order(word).unwrap_or(usize::MAX));
        let reopened = |life: &Life| life.reopenings(self.window.from, self.window.until).next().is_some();
        Resolved {
            problems: customer_seconds.len(),
            by_resolution,
            with_playbook,
            median_seconds: median(&customer_seconds),
            customer_seconds,
            reopened: self.counted().filter(|(life, _)| reopened(life)).count(),
            no_longer_needed,
        }
    }

    fn still_open(&self) -> impl Iterator<Item = (&'a Life, &'a Version)> {
        let until = self.window.until;
        self.counted().filter(move |(life, _)| life.is_open_at(until))
    }

    fn what_is_open(&self) -> Open {
        let mut oldest: Vec<OpenTicket> = self.open().collect();
        let problems = oldest.len();
        oldest.sort_by(|a, b| (b.age_seconds, &a.id).cmp(&(a.age_seconds, &b.id)));
        oldest.truncate(5);
        let without_owner = self.still_open().filter(|(_, version)| !version.said.owned).count();
        Open { problems, without_owner, oldest }
    }

    fn open(&self) -> impl Iterator<Item = OpenTicket> {
        self.still_open().map(|(life, version)| {
            let (until, after) = (self.window.until, self.material.after);
            let on = party(version);
            OpenTicket {
                id: life.id.to_string(),
                title: version.said.title.clone(),
                customer: after.label(Kind::Customer, &version.said.customer).to_owned(),
                age_seconds: until.unix() - self.opened(life, version).unix(),
                waiting_on_words: party_words(after, &on),
                waiting_on: on,
                waiting_for: if version.said.status == "waiting" {
                    version.said.waiting_for.clone()
                } else {
                    String::new()
                },
                next_update: version.said.next_update.map(|next| next.day_in(&self.window.zone).to_string()),
                overdue_seconds: version
                    .said
                    .next_update
                    .map(|next| until.unix() - next.unix())
                    .filter(|late| *late > 0),
                next_update_day: version.said.next_update.map(|next| next.day_in(&self.window.zone)),
            }
        })
    }

    fn waits(&self) -> Vec<Wait> {
        let until = self.window.until;
        let mut by_party: BTreeMap<String, (usize, i64)> = BTreeMap::new();
        for (life, version) in self.still_open() {
            // While it was thought done, it waited on nobody.
            let waits = |version: &Version| (!version.is_done()).then(|| party(version));
            let since = life.since(until, waits).unwrap_or(version.opened);
            // Before the first record of it, it waited on the same as then: on us.
            let first = life.versions().first().map(|first| first.effective);
            let since = if first == Some(since) { version.opened.min(since) } else { since };
            let wait = by_party.entry(party(version)).or_default();
            *wait = (wait.0 + 1, wait.1.max(until.unix() - since.unix()));
        }
        let mut waits: Vec<Wait> = by_party
            .into_iter()
            .map(|(on, (problems, longest_seconds))| Wait {
                words: party_words(self.material.after, &on),
                on,
                problems,
                longest_seconds,
            })
            .collect();
        waits.sort_by(|a, b| (b.problems, &a.on).cmp(&(a.problems, &b.on)));
        waits
    }
}

/// Whom an open ticket waits on: on us, unless it says otherwise.
fn party(version: &Version) -> String {
    if version.said.status == "waiting" { version.said.waiting_on.clone() } else { "us".to_owned() }
}

fn party_words(records: &Records, on: &str) -> String {
    match on.split_once(':') {
        Some(("team", slug)) => records.label(Kind::Team, slug).to_owned(),
        Some(("release", tag)) => format!("release {tag}"),
        Some((_, name)) => name.to_owned(),
        None if on == "customer" => "the customer".to_owned(),
        None => on.to_owned(),
    }
}

fn coming(material: &Material<'_>, window: &Window) -> Vec<ComingChange> {
    let change = |coming: &Coming| {
        let on = coming.recorded.day_in(&window.zone);
        ComingChange {
            text: coming.text.clone(),
            repository: coming.repository.clone(),
            commit: coming.commit.to_string(),
            day: on.to_string(),
            on,
        }
    };
    material.coming.iter().map(change).collect()
}

fn playbooks(material: &Material<'_>) -> Vec<PlaybookNews> {
    let mut news = Vec::new();
    for playbook in material.after.of(Kind::Playbook) {
        let before = earlier(material, playbook);
        let was = before.map_or("", |before| before.text("status"));
        let what = match (was, playbook.text("status")) {
            (was, "published") if was != "published" => "published",
            (_, "retired") if before.is_none() => continue,
            ("retired", "retired") => continue,
            (_, "retired") => "retired",
            _ if before.is_none() => "new",
            _ if before.is_some_and(|before| before.name == playbook.name && before != playbook) => "changed",
            _ => continue,
        };
        news.push(PlaybookNews {
            what,
            playbook: playbook.slug().to_owned(),
            title: playbook.text("title").to_owned(),
        });
    }
    let order = |what: &str| ["published", "new", "changed", "retired"].iter().position(|word| *word == what);
    news.sort_by_key(|news| order(news.what));
    news
}

/// The record as it was before the window: under its name, or else the one of its title whose name is gone since.
fn earlier<'a>(material: &Material<'a>, record: &Record) -> Option<&'a Record> {
    let gone = |before: &&Record| material.after.get(before.kind, &before.name).is_none();
    let renamed = || material.before.of(record.kind).filter(gone).find(|b| b.text("title") == record.text("title"));
    material.before.get(record.kind, &record.name).or_else(renamed)
}

fn proposals(material: &Material<'_>) -> Vec<ProposalNews> {
    let mut news = Vec::new();
    for proposal in material.after.of(Kind::Proposal) {
        let before = earlier(material, proposal);
        let status = proposal.text("status");
        if before.is_some_and(|before| before.text("status") == status) {
            continue;
        }
        let because = match status {
            "heard" => "answer",
            "adopted" | "reverted" => "what-happened",
            "declined" => "reason",
            _ => "",
        };
        let until = match status {
            "trial" => proposal.day("trial-until"),
            "deferred" => proposal.day("revisit"),
            _ => None,
        };
        news.push(ProposalNews {
            status: status.to_owned(),
            new: before.is_none(),
            proposal: proposal.slug().to_owned(),
            title: proposal.text("title").to_owned(),
            because: proposal.text(because).to_owned(),
            would_reopen_if: if status == "declined" {
                proposal.text("would-reopen-if").to_owned()
            } else {
                String::new()
            },
            instead: material.after.label(Kind::Proposal, proposal.text("superseded-by")).to_owned(),
            until: until.map(|day| day.to_string()),
            until_day: until,
        });
    }
    news.sort_by_key(|news| (!news.new, news.proposal.clone()));
    news
}

fn away(records: &Records, window: &Window) -> Vec<Away> {
    let first = window.until.day_in(&window.zone);
    let last = first.plus(6);
    let mut found = Vec::new();
    for person in records.of(Kind::Person).filter(|person| person.day("retired").is_none_or(|day| day > first)) {
        for row in person.rows("away") {
            let (Some(from), Some(to)) = (day_of(row, "from"), day_of(row, "to")) else { continue };
            if from > last || to < first {
                continue;
            }
            let cover = field(row, "cover").map(ToString::to_string).unwrap_or_default();
            let days = super::days_words(from, to);
            let away =
                Away { name: person.label().to_owned(), days, cover: records.label(Kind::Person, &cover).to_owned() };
            found.push((from, away));
        }
    }
    found.sort_by(|a, b| (a.0, &a.1.name).cmp(&(b.0, &b.1.name)));
    found.into_iter().map(|(_, away)| away).collect()
}

fn field<'a>(row: &'a Row, name: &str) -> Option<&'a Value> {
    row.iter().find(|(field, _)| field == name).map(|(_, value)| value)
}

fn day_of(row: &Row, name: &str) -> Option<Day> {
    match field(row, name) {
        Some(Value::Day(day)) => Some(*day),
        _ => None,
    }
}

fn jots(records: &Records, window: &Window) -> Vec<Jot> {
    let inside = |jot: &&Record| jot.time("at").is_some_and(|at| (window.from..window.until).contains(&at));
    let mut found: Vec<&Record> = records.of(Kind::Jot).filter(inside).collect();
    let order = |jot: &Record| ["high", "low", "story"].iter().position(|kind| *kind == jot.text("kind"));
    found.sort_by_key(|jot| (order(jot), jot.time("at"), jot.name.clone()));
    let jot = |jot: &Record| Jot { kind: jot.text("kind").to_owned(), text: jot.text("text").trim().to_owned() };
    found.into_iter().map(jot).collect()
}

fn decisions(records: &Records, window: &Window) -> Vec<Decision> {
    let today = window.until.plus(-1).day_in(&window.zone);
    let mut found = Vec::new();
    for proposal in records.of(Kind::Proposal) {
        let (what, since) = match proposal.text("status") {
            "proposed" => ("answer", proposal.day("raised").filter(|raised| raised.plus(ANSWER_DAYS) < today)),
            "trial" => ("end-of-trial", proposal.day("trial-until").filter(|until| *until < today)),
            "deferred" => ("revisit", proposal.day("revisit").filter(|revisit| *revisit <= today)),
            _ => continue,
        };
        let Some(since_day) = since else { continue };
        found.push(Decision {
            what,
            proposal: proposal.slug().to_owned(),
            title: proposal.text("title").to_owned(),
            since: since_day.to_string(),
            since_day,
        });
    }
    found.sort_by_key(|decision| (decision.since_day, decision.proposal.clone()));
    found
}
