//! Changes that tickets are linked to, and where they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::holders::{Holders, holders};
use super::{Code, TicketFacts, Touched};
use crate::record::commit_words::Bond;
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::store::ObjectId;
use crate::store::code::{CodeCommit, RefKind};

/// Why a change is said to belong to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// A line of the message names it.
    Line(String),
    /// The commit changes the ticket's own record too.
    Touches,
    /// The ticket's links name the commit.
    Recorded,
}

/// A tag, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// When.
    pub time: Time,
    /// The tag.
    pub tag: String,
    /// What the desk calls the repository; "" for its own.
    pub repo: String,
    /// Whether another repository has a tag of that name, so that the tag alone does not say which is meant.
    pub is_shared: bool,
}

impl Release {
    /// The tag, with the repository's name where the tag alone does not say which is meant: `website@v2.4`. Of the desk's own
    /// repository always the tag.
    pub fn name(&self) -> String {
        if self.is_shared && !self.repo.is_empty() { format!("{}@{}", self.repo, self.tag) } else { self.tag.clone() }
    }
}

/// One change of the code: a commit and its copies on other branches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What the desk calls the repository; "" for its own.
    pub repo: String,
    /// The commit; of several copies the one recorded first.
    pub commit: ObjectId,
    /// The other copies: rebased or cherry-picked.
    pub copies: Vec<ObjectId>,
    /// The first line of its message.
    pub subject: String,
    /// Who made it, by name.
    pub author: String,
    /// When it was made.
    pub authored: Time,
    /// Whether it claims to fix the ticket.
    pub bond: Bond,
    /// Why it is linked.
    pub evidence: Vec<Evidence>,
    /// The releases that have it and have not taken it back, by time.
    pub releases: Vec<Release>,
    /// The branches that have it and have not taken it back.
    pub branches: Vec<String>,
    /// The commits that took it back, whether taken back themselves or not.
    pub reverts: Vec<ObjectId>,
    /// Whether what is checked out has it and has not taken it back.
    pub here: bool,
    /// Whether it was taken back where it had been: what is checked out, or everything, has it no longer.
    pub reverted: bool,
}

/// The changes of each ticket, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// By ticket.
    pub of: BTreeMap<TicketId, Vec<Change>>,
}

impl Links {
    /// Finds them in every repository.
    pub fn find(code: &[Code], tickets: &[TicketFacts], touched: &[Touched]) -> Self {
        let mut links = Self::default();
        for one in code {
            Finder::new(one).find(tickets, touched, &mut links);
        }
        for changes in links.of.values_mut() {
            changes.sort_by(|a, b| (a.authored, &a.repo, a.commit).cmp(&(b.authored, &b.repo, b.commit)));
        }
        links
    }

    /// The changes that fix a ticket and count: those that what is checked out has, or where it has none, any that a release has.
    pub fn fixes(&self, ticket: TicketId) -> Vec<&Change> {
        let all = || self.of.get(&ticket).into_iter().flatten().filter(|change| change.bond == Bond::Fixes);
        let here: Vec<&Change> = all().filter(|change| change.here).collect();
        if here.is_empty() { all().filter(|change| !change.releases.is_empty()).collect() } else { here }
    }

    /// The releases that carry the whole fix of a ticket, by time: every change that counts. Where changes of several repositories
    /// count, those of each that came when every repository had released its own. None where nothing fixes it, or a part is not
    /// out.
    pub fn releases(&self, ticket: TicketId) -> Vec<Release> {
        let mut repositories: BTreeMap<&str, BTreeSet<&Release>> = BTreeMap::new();
        for change in self.fixes(ticket) {
            let theirs = || change.releases.iter().collect();
            let whole = repositories.entry(&change.repo).or_insert_with(theirs);
            whole.retain(|release| change.releases.contains(release));
        }
        let firsts: Option<Vec<&Release>> = repositories.values().map(|whole| whole.first().copied()).collect();
        let Some(last) = firsts.and_then(|firsts| firsts.into_iter().max()) else { return Vec::new() };
        let whole: BTreeSet<&Release> =
            repositories.into_values().flatten().filter(|release| *release >= last).collect();
        whole.into_iter().cloned().collect()
    }
}

/// What is known of the commits of one repository.
struct Finder<'a> {
    code: &'a Code,
    /// Commits by the beginning of their id that is typed at least.
    by_id: HashMap<[u8; 3], Vec<usize>>,
    /// The commits that are one change, by a commit.
    copies: HashMap<usize, Vec<usize>>,
    /// What took a commit back.
    reverts: HashMap<usize, Vec<usize>>,
    holders: Vec<Option<Holders>>,
}

impl<'a> Finder<'a> {
    fn new(code: &'a Code) -> Self {
        let commits = &code.commits.commits;
        let mut by_id: HashMap<[u8; 3], Vec<usize>> = HashMap::new();
        for (at, commit) in commits.iter().enumerate() {
            by_id.entry(start(&commit.id)).or_default().push(at);
        }
        let mut finder = Self { code, by_id, copies: HashMap::new(), reverts: HashMap::new(), holders: Vec::new() };
        finder.group_copies();
        finder.find_reverts();
        finder
    }

    fn commit(&self, at: usize) -> &'a CodeCommit<crate::record::commit_words::CommitWords> {
        &self.code.commits.commits[at]
    }

    /// The commit of an id or of the beginning of one, where it is the only one.
    fn at(&self, id: &str) -> Option<usize> {
        let id = id.to_ascii_lowercase();
        let bytes: Vec<u8> = (0..3).map_while(|i| u8::from_str_radix(id.get(i * 2..i * 2 + 2)?, 16).ok()).collect();
        let near = self.by_id.get(<&[u8; 3]>::try_from(bytes.as_slice()).ok()?)?;
        let mut found = near.iter().filter(|at| self.commit(**at).id.to_string().starts_with(&id));
        found.next().copied().filter(|_| found.next().is_none())
    }

    /// Joins commits that are the same change: copied on by `cherry-pick -x`, or with author, date, subject and tickets in common, as
    /// a rebase or cherry-pick leaves them. A line of history holds no change twice unless a commit says so, however much two of
    /// its commits look alike.
    fn group_copies(&mut self) {
        let commits = &self.code.commits.commits;
        type Look<'c> = (&'c str, i64, &'c str, Vec<(TicketId, Bond)>);
        let mut same: HashMap<Look<'_>, Vec<usize>> = HashMap::new();
        for (at, commit) in commits.iter().enumerate().filter(|(_, commit)| commit.parents.len() < 2) {
            let mut tickets: Vec<_> = commit.said.tickets.iter().map(|named| (named.ticket, named.bond)).collect();
            tickets.sort_unstable();
            let look = (commit.author.email.as_str(), commit.author.time.unix(), commit.subject.as_str(), tickets);
            same.entry(look).or_default().push(at);
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for alike in same.into_values().filter(|alike| alike.len() > 1) {
            let mut group: Vec<usize> = Vec::new();
            for at in alike {
                if group.iter().all(|newer| self.builds_on(*newer, &[at]).is_empty()) {
                    group.push(at);
                }
            }
            groups.push(group);
        }
        for (at, commit) in commits.iter().enumerate() {
            groups.extend(commit.said.copies.iter().filter_map(|id| self.at(id)).map(|of| vec![of, at]));
        }
        for group in groups {
            let mut all: BTreeSet<usize> = group.iter().copied().collect();
            all.extend(group.iter().filter_map(|at| self.copies.get(at)).flatten());
            let all: Vec<usize> = all.into_iter().collect();
            all.iter().for_each(|at| drop(self.copies.insert(*at, all.clone())));
        }
    }

    /// Those of some commits that `commit` builds on.
    fn builds_on(&self, commit: usize, candidates: &[usize]) -> Vec<usize> {
        let Some(last) = candidates.iter().max() else { return Vec::new() };
        // Commits come before their parents, so what lies behind the last candidate need not be walked.
        let mut left: BTreeSet<usize> = self.commit(commit).parents.iter().copied().collect();
        let mut found = Vec::new();
        while let Some(at) = left.pop_first().filter(|at| at <= last) {
            if candidates.contains(&at) {
                found.push(at);
            }
            left.extend(&self.commit(at).parents);
        }
        found
    }

    /// Finds what took commits back: of the change that is named every copy that the revert builds on, and of a merge everything that
    /// it landed. A copy that came to another line is not touched by a revert in this one.
    fn find_reverts(&mut self) {
        let mut titled: HashMap<&str, Vec<usize>> = HashMap::new();
        if self.code.commits.commits.iter().any(|commit| commit.said.reverts_subject.is_some()) {
            for (at, commit) in self.code.commits.commits.iter().enumerate() {
                titled.entry(&commit.subject).or_default().push(at);
            }
        }
        for (by, commit) in self.code.commits.commits.iter().enumerate() {
            let mut named: Vec<usize> = commit.said.reverts.iter().filter_map(|id| self.at(id)).collect();
            if let Some(subject) = &commit.said.reverts_subject {
                // The last one of that title below it.
                let alike = titled.get(subject.as_str()).map(Vec::as_slice).unwrap_or_default();
                named.extend(self.builds_on(by, alike).first());
            }
            let kept = commit.said.keeps.iter().find_map(|id| self.at(id));
            let mut taken: Vec<usize> = Vec::new();
            for of in named {
                taken.extend(self.landed(of, kept));
                taken.push(of);
            }
            let copies = taken.iter().filter_map(|at| self.copies.get(at)).flatten().copied();
            let mut taken: Vec<usize> = taken.iter().copied().chain(copies).filter(|at| *at > by).collect();
            taken.sort_unstable();
            taken.dedup();
            for one in self.builds_on(by, &taken) {
                self.reverts.entry(one).or_default().push(by);
            }
        }
    }

    /// The commits that a merge brought in besides those that `kept` builds on, its first parent where nothing is said.
    fn landed(&self, merge: usize, kept: Option<usize>) -> Vec<usize> {
        let [first, others @ ..] = self.commit(merge).parents.as_slice() else { return Vec::new() };
        if others.is_empty() {
            return Vec::new();
        }
        let mut before: BTreeSet<usize> = BTreeSet::new();
        let mut landed: BTreeSet<usize> = self.commit(merge).parents.iter().copied().collect();
        let mut hidden: BTreeSet<usize> = BTreeSet::from([kept.unwrap_or(*first)]);
        let mut out = Vec::new();
        // Both sides are walked together, newest place first; what both reach was there before.
        while let Some(at) = landed.pop_first() {
            while let Some(known) = hidden.first().copied().filter(|known| *known <= at) {
                hidden.remove(&known);
                before.insert(known);
                hidden.extend(&self.commit(known).parents);
            }
            if !before.contains(&at) {
                out.push(at);
                landed.extend(&self.commit(at).parents);
            }
        }
        out
    }

    fn find(mut self, tickets: &[TicketFacts], touched: &[Touched], links: &mut Links) {
        let mut found: BTreeMap<(TicketId, usize), (Bond, BTreeSet<Evidence>)> = BTreeMap::new();
        let mut link = |finder: &Self, ticket: TicketId, at: usize, bond: Bond, evidence: Evidence| {
            let first = finder.copies.get(&at).map_or(at, |copies| finder.first(copies));
            let entry = found.entry((ticket, first)).or_insert_with(|| (bond, BTreeSet::new()));
            entry.0 = entry.0.max(bond);
            entry.1.insert(evidence);
        };
        let own = tickets.iter().map(|ticket| (ticket.id, ticket.id));
        // An id that a ticket has now is its own, whatever another had earlier.
        let known: BTreeMap<TicketId, TicketId> =
            tickets.iter().filter_map(|ticket| Some((ticket.was?, ticket.id))).chain(own).collect();
        for (at, commit) in self.code.commits.commits.iter().enumerate() {
            for named in &commit.said.tickets {
                let Some(ticket) = known.get(&named.ticket) else { continue };
                link(&self, *ticket, at, named.bond, Evidence::Line(named.line.clone()));
            }
        }
        for ticket in tickets {
            for (_, id) in ticket.commits.iter().filter(|(repo, _)| *repo == self.code.name) {
                if let Some(at) = self.at(id) {
                    link(&self, ticket.id, at, Bond::Fixes, Evidence::Recorded);
                }
            }
        }
        if self.code.name.is_empty() {
            for (commit, ticket) in touched.iter().filter(|(_, ticket)| known.contains_key(ticket)) {
                if let Some(at) = self.at(&commit.to_string()) {
                    link(&self, *ticket, at, Bond::Refers, Evidence::Touches);
                }
            }
        }
        let places: Vec<usize> = found.keys().map(|(_, at)| *at).collect();
        self.hold(&places);
        for ((ticket, at), (bond, evidence)) in found {
            let change = self.change(at, bond, evidence.into_iter().collect());
            links.of.entry(ticket).or_default().push(change);
        }
    }

    /// Of copies the one that was recorded first.
    fn first(&self, copies: &[usize]) -> usize {
        let first = copies.iter().copied().min_by_key(|at| (self.commit(*at).recorded, self.commit(*at).id));
        first.unwrap_or_default()
    }

    /// Finds out what holds some changes, their copies and whatever took them back.
    fn hold(&mut self, places: &[usize]) {
        let mut wanted: BTreeSet<usize> = BTreeSet::new();
        let mut left: Vec<usize> = places.to_vec();
        while let Some(at) = left.pop() {
            if wanted.insert(at) {
                left.extend(self.copies.get(&at).into_iter().flatten());
                left.extend(self.reverts.get(&at).into_iter().flatten());
            }
        }
        self.holders = holders(&self.code.commits, |at| wanted.contains(&at));
    }

    /// What has a commit and has not taken it back. What takes back builds on what it takes back and so stands before it, which
    /// brings this to an end; `known` holds what was found out.
    fn active(&self, at: usize, known: &mut HashMap<usize, Holders>) -> Holders {
        if let Some(found) = known.get(&at) {
            return found.clone();
        }
        let mut gone = Holders::default();
        for by in self.reverts.get(&at).into_iter().flatten() {
            gone.add(&self.active(*by, known));
        }
        let found = self.holders[at].clone().unwrap_or_default().without(&gone);
        known.insert(at, found.clone());
        found
    }

    fn change(&self, first: usize, bond: Bond, evidence: Vec<Evidence>) -> Change {
        let commits = &self.code.commits;
        let all: Vec<usize> = self.copies.get(&first).cloned().unwrap_or_else(|| vec![first]);
        let mut held = Holders::default();
        all.iter().filter_map(|at| self.holders[*at].as_ref()).for_each(|holders| held.add(holders));
        let (mut active, mut known) = (Holders::default(), HashMap::new());
        all.iter().for_each(|at| active.add(&self.active(*at, &mut known)));
        let of = |kinds: &[RefKind]| {
            let here = commits.refs.iter().enumerate().filter(|(place, _)| active.has(*place));
            here.map(|(_, one)| one).filter(|one| kinds.contains(&one.kind)).collect::<Vec<_>>()
        };
        let releases = of(&[RefKind::Tag]).into_iter().filter(|tag| is_release(&tag.name, &self.code.releases));
        let reverts: BTreeSet<usize> = all.iter().filter_map(|at| self.reverts.get(at)).flatten().copied().collect();
        let head = commits.refs.len();
        let commit = self.commit(first);
        Change {
            repo: self.code.name.clone(),
            commit: commit.id,
            copies: all.iter().filter(|at| **at != first).map(|at| self.commit(*at).id).collect(),
            subject: commit.subject.clone(),
            author: commit.author.name.clone(),
            authored: commit.author.time,
            bond,
            evidence,
            releases: releases.map(|tag| self.code.release(tag)).collect(),
            branches: of(&[RefKind::Branch, RefKind::RemoteBranch]).into_iter().map(|one| one.name.clone()).collect(),
            reverts: reverts.into_iter().map(|at| self.commit(at).id).collect(),
            here: active.has(head),
            reverted: held.has(head) && !active.has(head) || !held.is_empty() && active.is_empty(),
        }
    }
}

fn start(id: &ObjectId) -> [u8; 3] {
    let bytes = id.as_bytes();
    [bytes[0], bytes[1], bytes[2]]
}

/// Whether a tag is a release, by patterns in which `*` stands for any characters.
pub(super) fn is_release(tag: &str, patterns: &[String]) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| fits(tag, pattern))
}

fn fits(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| fits(&text[at..], rest))
        }),
    }
}
