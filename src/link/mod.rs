//! From commits to tickets, to the releases that carry a fix, to the customers who must be told.
//!
//! Pure: commits with what their messages say go in ([`Code`]), and what is known of tickets ([`TicketFacts`]); changes with their
//! evidence come out ([`Links`]). What a commit says of itself is never trusted further than it goes: a revert takes its fix
//! away again in every branch and tag that has the revert.

mod holders;
mod links;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeSet;

pub use links::{Change, Evidence, Links, Release};
pub use told::{Told, Untold, untold};

use crate::record::commit_words::CommitWords;
use crate::record::id::TicketId;
use crate::record::time::Time;
use crate::store::ObjectId;
use crate::store::code::{CodeRef, Commits, RefKind};

/// The commits of one repository.
#[derive(Debug, Clone)]
pub struct Code {
    /// What the desk calls the repository; "" for the one it lies in.
    pub name: String,
    /// Its commits.
    pub commits: Commits<CommitWords>,
    /// Patterns of the tags that are releases, such as `v*`; none for all tags.
    pub releases: Vec<String>,
    /// The tags of its releases that are such of another repository too.
    pub shared: BTreeSet<String>,
}

impl Code {
    /// Its releases, by time.
    pub fn tags(&self) -> impl Iterator<Item = Release> + '_ {
        let tags = self.commits.refs.iter().filter(|one| one.kind == RefKind::Tag);
        let tags = tags.filter(|tag| links::is_release(&tag.name, &self.releases));
        tags.map(|tag| self.release(tag))
    }

    fn release(&self, tag: &CodeRef) -> Release {
        let (repo, is_shared) = (self.name.clone(), self.shared.contains(&tag.name));
        Release { time: tag.time, tag: tag.name.clone(), repo, is_shared }
    }

    /// Notes of several repositories which tags they share.
    pub fn note_shared(all: &mut [Self]) {
        let tags: Vec<BTreeSet<String>> =
            all.iter().map(|code| code.tags().map(|release| release.tag).collect()).collect();
        for (at, code) in all.iter_mut().enumerate() {
            let others = || tags.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, tags)| tags);
            code.shared = tags[at].iter().filter(|tag| others().any(|tags| tags.contains(*tag))).cloned().collect();
        }
    }
}

/// What a ticket itself says of commits and of what its customer was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketFacts {
    /// The ticket.
    pub id: TicketId,
    /// An earlier id of it.
    pub was: Option<TicketId>,
    /// Commits its links name, as repository ("" for the desk's own) and the beginning of an id.
    pub commits: Vec<(String, String)>,
    /// What its customer was told of releases.
    pub told: Vec<(Time, Option<String>)>,
    /// Whether nobody need be told: it was dropped.
    pub dropped: bool,
    /// The ticket whose duplicate it is.
    pub duplicate_of: Option<TicketId>,
}

/// A commit of the desk's own repository that changed a ticket together with files that are no records.
pub type Touched = (ObjectId, TicketId);
