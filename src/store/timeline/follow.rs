//! Following the timeline: what an index holds of it is brought up to another head, at the cost of what changed.
//!
//! After any row of refreshes the index holds what [`super::walk`] gives for the last head: the same commits in the same
//! order with the same dates and changes. Where the index keeps that is its own affair ([`Keeper`]); what a change means
//! for a record is decided there as well.
//!
//! Positions are numbered from 0 in the order of the timeline. Two kinds of them bound what a refresh has to look at:
//!
//! - At a **joint** nothing runs in parallel: no commit after it builds on one before it except through it, and no second
//!   root comes after it. New commits that build on joints only, or on what comes after one, leave it a joint, and leave
//!   everything up to it in its place. So the index is cut at the newest joint below all that is new and continued from
//!   there. What lies between two joints is worked out as one piece, as pulls weigh one line against the other.
//! - A joint is **settled** if the longest rising run of committer dates up to it ends in it. If no commit after it is
//!   dated before it, then the run goes through it whatever follows, so neither the cut of dates nor the search for clocks
//!   that were behind can reach below it. Committer dates are worked out again from the newest such joint on. That is
//!   the indexed head itself as long as clocks agree; a clock a month behind costs the headers of a month.

mod gather;
mod regions;
mod repository;

use std::hash::Hasher;

use gix::ObjectId;

use super::commits::Commit;
use super::graph::{self, Delta};
use super::{Change, ClockFinding, TimelineError};
use gather::{Gather, Stop};
use repository::Repository;

use crate::store::reading::Shared;

/// One commit as an index remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// Its place on the timeline, from 0.
    pub position: i64,
    /// The commit.
    pub commit: ObjectId,
    /// Its committer date as written, in seconds since 1970.
    pub committer: i64,
    /// When it was recorded: the committer date, cut if the clock was ahead. [`super::ClockFinding`] where they differ.
    pub recorded: i64,
    /// It is on the first-parent line of the head.
    pub trunk: bool,
    /// Nothing runs in parallel to it.
    pub joint: bool,
    /// A joint in which the longest rising run of committer dates up to it ends.
    pub settled: bool,
    /// A parent that the timeline would follow is not in the repository.
    pub edge: bool,
    /// Another name of the desk's branch could make it another kind of commit.
    pub named: bool,
}

/// A commit for the index to take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What to remember of it.
    pub remembered: Remembered,
    /// When it takes effect by its own dates; a change of it may take effect later.
    pub effective: i64,
    /// When it is said to have happened: its author date, as written.
    pub author_time: i64,
    /// What it changed in the desk.
    pub changes: Vec<Change>,
    /// For [`Keeper::last_effect`] alone; only pulls have any.
    pub holds: Vec<Hold>,
}

/// A moment before which no later version of a path takes effect, although nothing changed then.
///
/// A merge of two lines that had changed a file alike changes nothing, but stands above both versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The path in the desk.
    pub path: String,
    /// The moment.
    pub effective: i64,
}

/// What an index is complete up to, and for which question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The head.
    pub head: ObjectId,
    /// Stands for the desk's folder and for where a shallow history ends; with another one nothing held is of use.
    pub scope: u64,
    /// Stands for the name of the desk's branch; with another one [`Remembered::named`] commits are looked at again.
    pub branch: u64,
}

/// An index that follows a timeline.
///
/// What it answers is about the positions it holds. If `follow` fails half-way, it must go back to where it was, or
/// answer `None` to [`Keeper::standing`] from then on.
pub trait Keeper {
    /// Why it cannot answer or take something.
    type Error: std::error::Error + 'static;

    /// What was told last by [`Keeper::finish`]; `None` if nothing it holds is of use.
    fn standing(&mut self) -> Result<Option<Standing>, Self::Error>;
    /// A commit it holds.
    fn find(&mut self, commit: ObjectId) -> Result<Option<Remembered>, Self::Error>;
    /// The newest joint at or before a position.
    fn joint_at_or_before(&mut self, position: i64) -> Result<Option<Remembered>, Self::Error>;
    /// The newest settled joint at or before a position whose committer date is at or before `committer`.
    fn settled_at_or_before(&mut self, position: i64, committer: i64) -> Result<Option<Remembered>, Self::Error>;
    /// The earliest committer date after one position and up to another, both counted from -1.
    fn earliest(&mut self, after: i64, to: i64) -> Result<Option<i64>, Self::Error>;
    /// The first position that [`Remembered::named`] marks.
    fn first_named(&mut self) -> Result<Option<i64>, Self::Error>;
    /// All it holds after one position and up to another, in any order.
    fn each(&mut self, after: i64, to: i64, each: &mut dyn FnMut(Remembered)) -> Result<(), Self::Error>;
    /// The latest effect of the changes and holds of a path.
    fn last_effect(&mut self, path: &str) -> Result<Option<i64>, Self::Error>;

    /// Forgets all positions after one, everything for -1; `coming` commits follow.
    fn cut(&mut self, after: i64, coming: usize) -> Result<(), Self::Error>;
    /// Takes the next position.
    fn add(&mut self, entry: Entry) -> Result<(), Self::Error>;
    /// Everything up to the head has come.
    fn finish(&mut self, standing: Standing) -> Result<(), Self::Error>;
}

/// What a refresh did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// How many positions were left as they were.
    pub kept: usize,
    /// How many were added after those.
    pub added: usize,
    /// Commits among the added ones whose clock was ahead; those kept are the ones whose two dates differ.
    pub clock_findings: Vec<ClockFinding>,
    /// Whether one of those added has a parent that is not there; of those kept [`Remembered::edge`] tells.
    pub shallow: bool,
}

/// Why a refresh failed.
#[derive(Debug, thiserror::Error)]
pub enum FollowError<E: std::error::Error + 'static> {
    /// The history could not be read.
    #[error(transparent)]
    History(#[from] TimelineError),
    /// The index could not answer or take something.
    #[error(transparent)]
    Keeper(E),
}

/// Brings an index up to `head`, for the desk in the folder `prefix` (empty for the root).
///
/// # Errors
/// [`TimelineError::Missing`] if `head` is not in the repository, [`TimelineError::Object`] for damage, or what the index
/// says.
pub(crate) fn follow<K: Keeper>(
    repo: &gix::Repository,
    shared: &Shared,
    head: ObjectId,
    prefix: &str,
    desk_branch: &str,
    keeper: &mut K,
) -> Result<Followed, FollowError<K::Error>> {
    let boundary = super::boundary(repo)?;
    let standing = standing_of(head, prefix, desk_branch, &boundary);
    let repo = repository::with_cache(repo.clone());
    let mut source = Repository::new(&repo, shared, boundary, prefix, desk_branch);
    Follow { source: &mut source, keeper }.run(standing)
}

/// What an index is complete up to once it has followed the timeline to `head`; no commit is read for it.
///
/// # Errors
/// When the list of commits where a shallow history ends cannot be read.
pub fn standing(
    repo: &gix::Repository,
    head: ObjectId,
    prefix: &str,
    desk_branch: &str,
) -> Result<Standing, TimelineError> {
    Ok(standing_of(head, prefix, desk_branch, &super::boundary(repo)?))
}

fn standing_of(head: ObjectId, prefix: &str, desk_branch: &str, boundary: &[ObjectId]) -> Standing {
    let ends = boundary.iter().flat_map(|id| id.as_slice().iter().copied());
    Standing { head, scope: number_of(prefix.bytes().chain([0]).chain(ends)), branch: number_of(desk_branch.bytes()) }
}

/// The same number for the same bytes in every version of the program.
fn number_of(bytes: impl IntoIterator<Item = u8>) -> u64 {
    // FNV-1a.
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// What history is read from.
trait Source {
    /// A commit with the parents that the timeline follows, `None` if it is not there; the second says whether one is left
    /// out because a shallow history ends here.
    fn commit(&mut self, id: ObjectId) -> Result<Option<(Commit, bool)>, TimelineError>;

    /// Runs `take`, which gets the differences of one piece of work after the other, against each old tree.
    fn differences<T>(
        &mut self,
        work: &(dyn Work + Sync),
        take: impl FnOnce(&mut dyn FnMut() -> Result<Vec<Vec<Delta>>, TimelineError>) -> T,
    ) -> T;
}

/// Trees to compare.
trait Work {
    /// How many pieces there are.
    fn count(&self) -> usize;
    /// The new tree of one and the trees it is compared with; `None` is an empty tree.
    fn trees(&self, piece: usize) -> (ObjectId, [Option<Option<ObjectId>>; 2]);
}

/// One refresh.
struct Follow<'a, S, K> {
    source: &'a mut S,
    keeper: &'a mut K,
}

impl<S: Source, K: Keeper> Follow<'_, S, K> {
    fn run(mut self, standing: Standing) -> Result<Followed, FollowError<K::Error>> {
        let before = self.keeper.standing().map_err(FollowError::Keeper)?;
        if before == Some(standing) {
            let held = self.keeper.find(standing.head).map_err(FollowError::Keeper)?;
            let kept = held.map_or(0, |head| head.position as usize + 1);
            return Ok(Followed { kept, added: 0, clock_findings: Vec::new(), shallow: false });
        }
        let usable = self.usable(before, standing)?;
        let mut gather = Gather::new(standing.head, usable);
        let joint = self.lowest_joint(&mut gather, standing.head)?;
        let base = self.settled_below(&gather, joint)?;
        gather.descend(self.source, self.keeper, base.map_or(-1, |base| base.position))?;
        let clocks = graph::clocks(&gather);
        let kept = match joint {
            Some(joint) if base != Some(joint) => {
                gather.note_places();
                self.agreeing(&gather, &clocks.recorded, base, joint)?
            }
            joint => joint,
        };
        let after = kept.map_or(-1, |kept| kept.position);
        let above = (after - base.map_or(-1, |base| base.position)) as usize;
        let added = gather.len() - above;
        self.keeper.cut(after, added).map_err(FollowError::Keeper)?;
        let (clock_findings, shallow) = regions::emit(self.source, self.keeper, &gather, clocks, kept, above)?;
        self.keeper.finish(standing).map_err(FollowError::Keeper)?;
        Ok(Followed { kept: (after + 1) as usize, added, clock_findings, shallow })
    }

    /// The first position that tells nothing about the history as it is asked for now.
    fn usable(&mut self, before: Option<Standing>, standing: Standing) -> Result<i64, FollowError<K::Error>> {
        match before {
            Some(before) if before.scope != standing.scope => Ok(0),
            Some(before) if before.branch != standing.branch => {
                let named = self.keeper.first_named().map_err(FollowError::Keeper)?;
                Ok(named.unwrap_or(i64::MAX))
            }
            Some(_) => Ok(i64::MAX),
            None => Ok(0),
        }
    }

    /// The newest joint below all that is new, with everything above it gathered.
    fn lowest_joint(
        &mut self,
        gather: &mut Gather,
        head: ObjectId,
    ) -> Result<Option<Remembered>, FollowError<K::Error>> {
        gather.descend(self.source, self.keeper, i64::MAX)?;
        if gather.is_empty() && gather.stops().is_empty() {
            return Err(TimelineError::Missing(head).into());
        }
        let mut joint = None;
        if !gather.has_root() {
            let lowest = gather.stops().iter().min_by_key(|stop| stop.at.position);
            joint = match lowest {
                Some(Stop { at, .. }) if at.joint => Some(*at),
                Some(Stop { at, .. }) => self.joint(at.position)?,
                None => None,
            };
        }
        gather.descend(self.source, self.keeper, joint.map_or(-1, |joint| joint.position))?;
        Ok(joint)
    }

    fn joint(&mut self, position: i64) -> Result<Option<Remembered>, FollowError<K::Error>> {
        self.keeper.joint_at_or_before(position).map_err(FollowError::Keeper)
    }

    /// The joint below which no date above `joint`, held till now or gathered, can have or get a say.
    fn settled_below(
        &mut self,
        gather: &Gather,
        joint: Option<Remembered>,
    ) -> Result<Option<Remembered>, FollowError<K::Error>> {
        let Some(joint) = joint else { return Ok(None) };
        let dropped = self.keeper.earliest(joint.position, i64::MAX).map_err(FollowError::Keeper)?;
        let mut earliest = gather.earliest().into_iter().chain(dropped).min().unwrap_or(i64::MAX);
        if joint.settled && joint.committer <= earliest {
            return Ok(Some(joint));
        }
        let mut upper = joint.position;
        let mut before = joint.position;
        loop {
            let found = self.keeper.settled_at_or_before(before, earliest).map_err(FollowError::Keeper)?;
            let Some(found) = found else { return Ok(None) };
            let between = self.keeper.earliest(found.position, upper).map_err(FollowError::Keeper)?;
            earliest = earliest.min(between.unwrap_or(i64::MAX));
            if found.committer <= earliest {
                return Ok(Some(found));
            }
            upper = found.position;
            before = found.position - 1;
        }
    }

    /// The newest joint up to which the dates held are the right ones; above `base` they were worked out again.
    fn agreeing(
        &mut self,
        gather: &Gather,
        recorded: &[i64],
        base: Option<Remembered>,
        joint: Remembered,
    ) -> Result<Option<Remembered>, FollowError<K::Error>> {
        let above = base.map_or(-1, |base| base.position);
        let mut first = i64::MAX;
        let mut compare = |held: Remembered| {
            let same = gather.place(&held.commit).is_some_and(|node| recorded[node] == held.recorded);
            if !same {
                first = first.min(held.position);
            }
        };
        self.keeper.each(above, joint.position, &mut compare).map_err(FollowError::Keeper)?;
        match first {
            i64::MAX => Ok(Some(joint)),
            first => self.joint(first - 1),
        }
    }
}

/// Numbers of paths, for a table of all that were seen.
fn path_number(path: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(path.as_bytes());
    hasher.finish()
}

/// When the last version of each path that came by takes effect, by the number of the path.
type Effects = std::collections::HashMap<u64, i64>;

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
