//! Releases: what each fixed, who must be told of it, and in which words.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::fixes::duplicate_words;
use crate::desk::Records;
use crate::desk::links::Linked;
use crate::link::{Release, Told, Untold, untold};
use crate::record::id::TicketId;
use crate::record::{Kind, Record};

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// The tag, and when it was made.
    pub release: Release,
    /// How many tickets' whole fixes came out with it.
    pub fixed: usize,
    /// How many customers were not told of that, duplicates among them.
    pub untold: usize,
}

/// A ticket of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTicket {
    /// `T-7k3mqp`.
    pub id: String,
    /// What the customer needs.
    pub title: String,
    /// The customer in words; "" when unknown.
    pub customer: String,
    /// How to reach them; "" when unknown.
    pub contact: String,
    /// Why it is here, where not by a fix of its own: `a duplicate of T-2abcde`.
    pub note: String,
    /// The release.
    pub release: Release,
    /// Whether the customer was told.
    pub told: Told,
}

/// The releases, newest first.
pub fn list(linked: &Linked) -> Vec<ReleaseRow> {
    let mut counts: BTreeMap<Release, (usize, usize)> = BTreeMap::new();
    for code in &linked.code {
        for tag in code.tags() {
            counts.entry(tag).or_default();
        }
    }
    for id in linked.links.of.keys() {
        if let Some(first) = linked.links.releases(*id).into_iter().next() {
            counts.entry(first).or_default().0 += 1;
        }
    }
    for one in untold(&linked.links, &linked.facts) {
        counts.entry(one.release).or_default().1 += 1;
    }
    let row = |(release, (fixed, untold))| ReleaseRow { release, fixed, untold };
    counts.into_iter().rev().map(row).collect()
}

/// The tickets whose whole fixes came out first with a release, and their duplicates, in order of id; those who were not told come
/// first.
pub fn of_release(linked: &Linked, release: &Release) -> Vec<ReleaseTicket> {
    let mut found = Vec::new();
    for facts in &linked.facts {
        let own = linked.links.releases(facts.id);
        let (of, releases) = match facts.duplicate_of {
            Some(other) if own.is_empty() => (Some(other), linked.links.releases(other)),
            _ => (None, own),
        };
        if let Some(first) = releases.first().filter(|first| *first == release) {
            let told = Told::of(facts, &releases);
            found.extend(ticket(linked, facts.id, of, first.clone(), told));
        }
    }
    found.sort_by_key(|one| one.told != Told::No);
    found
}

/// The tickets whose fixes are out and whose customers were not told, longest out first.
pub fn all_untold(linked: &Linked) -> Vec<ReleaseTicket> {
    let row = |one: Untold| ticket(linked, one.ticket, one.duplicate_of, one.release, Told::No);
    untold(&linked.links, &linked.facts).into_iter().filter_map(row).collect()
}

fn ticket(
    linked: &Linked,
    id: TicketId,
    duplicate_of: Option<TicketId>,
    release: Release,
    told: Told,
) -> Option<ReleaseTicket> {
    let record = linked.records.ticket(id)?;
    Some(ReleaseTicket {
        id: id.to_string(),
        title: record.text("title").to_owned(),
        customer: linked.records.label(Kind::Customer, record.text("customer")).to_owned(),
        contact: record.text("contact").to_owned(),
        note: duplicate_words(duplicate_of),
        release,
        told,
    })
}

/// A message to the customer of a ticket about the release that ends their problem: what they said, what changed, and what the
/// playbook that solved it would have them do. It speaks of no cause and of nobody's mistake.
pub fn draft(records: &Records, ticket: &Record, release: &Release, zone: &TimeZone) -> String {
    let day = |time: crate::record::time::Time| time.day_in(zone);
    let opened = ticket.time("opened").map(|opened| format!(" on {}", day(opened))).unwrap_or_default();
    let mut parts = vec![
        "Hello,".to_owned(),
        format!(
            "you wrote to us{opened} about \"{}\". {} ends this; it is out since {}.",
            ticket.text("title"),
            version(ticket, &release.tag),
            day(release.time)
        ),
    ];
    let playbooks = ticket.list("playbooks").iter().filter_map(|slug| records.slug(Kind::Playbook, slug));
    parts.extend(
        playbooks.map(|playbook| playbook.text("answer").trim().to_owned()).filter(|answer| !answer.is_empty()),
    );
    parts.push("If it still happens, answer this message and we look at it again.".to_owned());
    parts.join("\n\n")
}

/// The release as a customer knows it: the product's name and the tag.
fn version(ticket: &Record, tag: &str) -> String {
    match ticket.text("product") {
        "" => format!(
            "Version {}",
            tag.strip_prefix('v').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(tag)
        ),
        product => format!("{product} {tag}"),
    }
}
