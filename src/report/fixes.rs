//! What commits fixed, and where it is: ticket by ticket, and commit by commit.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::desk::links::Linked;
use crate::link::{Change, Evidence, Release, Told};
use crate::record::commit_words::Bond;
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::record::{Kind, Record};
use crate::store::ObjectId;

/// A ticket and the changes that are linked to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFixes {
    /// `T-7k3mqp`.
    pub id: String,
    /// What the customer needs.
    pub title: String,
    /// Where the ticket stands.
    pub status: String,
    /// The customer in words; "" when unknown.
    pub customer: String,
    /// The changes, oldest first.
    pub changes: Vec<Change>,
    /// The releases with the whole fix, by time.
    pub releases: Vec<Release>,
    /// Where the fix is.
    pub state: State,
    /// Whether the customer was told, once a release has it.
    pub told: Told,
}

/// Where a fix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A release has it.
    Released,
    /// What is checked out has it, and no release yet.
    Here,
    /// A branch has it that has not landed.
    Elsewhere,
    /// It was taken back.
    TakenBack,
    /// Commits speak of the ticket, and none says that it fixes it.
    Mentioned,
}

impl State {
    /// The state as one word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Here => "here",
            Self::Elsewhere => "elsewhere",
            Self::TakenBack => "taken-back",
            Self::Mentioned => "mentioned",
        }
    }
}

/// A commit of a range and what it is linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitRow {
    /// The commit.
    pub commit: ObjectId,
    /// When it was made.
    pub authored: Time,
    /// The first line of its message.
    pub subject: String,
    /// The tickets of the desk that it fixes.
    pub fixes: Vec<String>,
    /// Those that it has to do with otherwise.
    pub refers: Vec<String>,
    /// Ids in it that no ticket of the desk has.
    pub unknown: Vec<String>,
    /// It says that it fixes something, and names no ticket.
    pub unlinked: bool,
    /// What customers will notice of it.
    pub impacts: Vec<String>,
}

/// The ticket `id` with its changes.
pub fn of_ticket(linked: &Linked, ticket: &Record) -> Option<TicketFixes> {
    let id = ticket.ticket_id()?;
    let changes = linked.links.of.get(&id).cloned().unwrap_or_default();
    let releases = linked.links.releases(id);
    let fixes = linked.links.fixes(id);
    let claims = || changes.iter().filter(|change| change.bond == Bond::Fixes);
    let state = match () {
        () if !releases.is_empty() => State::Released,
        () if fixes.iter().any(|change| change.here) => State::Here,
        () if claims().any(|change| !change.reverted) => State::Elsewhere,
        () if claims().next().is_some() => State::TakenBack,
        () => State::Mentioned,
    };
    let facts = linked.facts.iter().find(|facts| facts.id == id);
    Some(TicketFixes {
        id: id.to_string(),
        title: ticket.text("title").to_owned(),
        status: ticket.text("status").to_owned(),
        customer: linked.records.label(Kind::Customer, ticket.text("customer")).to_owned(),
        told: facts.map_or(Told::NoNeed, |facts| Told::of(facts, &releases)),
        changes,
        releases,
        state,
    })
}

/// Every ticket that a change fixes, or is said to; with `all` also those that commits only speak of. The last change comes first.
pub fn all(linked: &Linked, all: bool) -> Vec<TicketFixes> {
    let tickets = linked.links.of.keys().filter_map(|id| linked.records.ticket(*id));
    let mut found: Vec<TicketFixes> = tickets.filter_map(|ticket| of_ticket(linked, ticket)).collect();
    found.retain(|one| all || one.state != State::Mentioned);
    let last = |one: &TicketFixes| one.changes.iter().map(|change| change.authored).max();
    found.sort_by(|a, b| (last(b), &a.id).cmp(&(last(a), &b.id)));
    found
}

/// The commits of the repository `repo` ("" for the desk's own) that `commits` names, as they come: children before parents.
pub fn of_commits(linked: &Linked, repo: &str, commits: &BTreeSet<ObjectId>) -> Vec<CommitRow> {
    let Some(own) = linked.code.iter().find(|code| code.name == repo) else { return Vec::new() };
    let of_change = |commit: ObjectId, bond: Bond| -> Vec<String> {
        let linked_to = linked.links.of.iter().filter(|(_, changes)| {
            changes
                .iter()
                .any(|change| change.bond == bond && (change.commit == commit || change.copies.contains(&commit)))
        });
        linked_to.map(|(id, _)| id.to_string()).collect()
    };
    let in_range = own.commits.commits.iter().filter(|commit| commits.contains(&commit.id));
    let row = |commit: &crate::store::code::CodeCommit<_>| {
        let said: &crate::record::commit_words::CommitWords = &commit.said;
        let fixes = of_change(commit.id, Bond::Fixes);
        let refers = of_change(commit.id, Bond::Refers);
        let unknown = said.tickets.iter().filter(|named| named.sure && !is_known(linked, named.ticket));
        let unknown = unknown.map(|named| named.ticket);
        CommitRow {
            commit: commit.id,
            authored: commit.author.time,
            subject: commit.subject.clone(),
            unlinked: said.says_fix && fixes.is_empty() && refers.is_empty(),
            unknown: unknown.map(|id| id.to_string()).collect(),
            impacts: said.impacts.clone(),
            fixes,
            refers,
        }
    };
    in_range.map(row).collect()
}

fn is_known(linked: &Linked, id: TicketId) -> bool {
    linked.records.ticket(id).is_some() || linked.facts.iter().any(|facts| facts.was == Some(id))
}

/// Where the fix of a ticket is, in a sentence without an end.
pub fn state_words(one: &TicketFixes, zone: &TimeZone) -> String {
    let told = match one.told {
        Told::Yes => ", told",
        Told::No => ", not told",
        Told::NoNeed => "",
    };
    match (one.state, one.releases.first()) {
        (State::Released, Some(release)) => format!("in {}{told}", release_words(release, zone)),
        (State::Here | State::Released, _) => "here, in no release yet".to_owned(),
        (State::Elsewhere, _) => {
            let branches: BTreeSet<&str> =
                one.changes.iter().flat_map(|change| &change.branches).map(String::as_str).collect();
            let first = branches.iter().next();
            first.map_or("not here".to_owned(), |branch| format!("on {branch}, not here yet"))
        }
        (State::TakenBack, _) => "taken back".to_owned(),
        (State::Mentioned, _) => "mentioned".to_owned(),
    }
}

/// A release with its day.
pub fn release_words(release: &Release, zone: &TimeZone) -> String {
    format!("{} ({})", release.name(), release.time.day_in(zone))
}

/// Why a change is linked, in words.
pub fn evidence_words(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Line(line) => format!("says \"{line}\""),
        Evidence::Touches => "changes the ticket too".to_owned(),
        Evidence::Recorded => "the ticket's links name it".to_owned(),
    }
}

/// The ticket that an untold one is a duplicate of, in words; "" where it is none.
pub fn duplicate_words(of: Option<TicketId>) -> String {
    of.map(|id| format!("a duplicate of {id}")).unwrap_or_default()
}
