//! The commits that a refresh looks at, from the head down to what the index keeps.
//!
//! Headers only, and held small: a first index has all commits of a desk here at once.

use gix::ObjectId;
use gix::hashtable::hash_table::HashTable;

use super::{FollowError, Keeper, Remembered, Source};
use crate::store::timeline::graph::{Commits, Kind};

/// No parent.
const NONE: u32 = u32::MAX;
/// A parent that is not gathered: the position the index keeps last.
const KEPT: u32 = u32::MAX - 1;

/// A commit.
pub(super) struct Header {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    parents: [u32; 2],
    pub(super) author: i64,
    pub(super) committer: i64,
    pub(super) kind: Kind,
    pub(super) edge: bool,
    pub(super) named: bool,
}

/// Who wants a commit: which parent of which gathered commit it is; none for the head.
type Wanted = Option<(u32, usize)>;

/// Where the way down ended at something the index holds.
pub(super) struct Stop {
    by: Wanted,
    id: ObjectId,
    pub(super) at: Remembered,
}

/// Commits gathered so far.
pub(super) struct Gather {
    headers: Vec<Header>,
    /// Places in `headers`. Without pulls no commit is come to twice, and then there is nothing here.
    places: HashTable<u32>,
    has_places: bool,
    todo: Vec<(Wanted, ObjectId)>,
    stops: Vec<Stop>,
    /// Positions from here on count as not held.
    usable: i64,
}

impl Gather {
    /// Begins at `head`, for an index whose positions before `usable` are good.
    pub(super) fn new(head: ObjectId, usable: i64) -> Gather {
        Gather {
            headers: Vec::new(),
            places: HashTable::new(),
            has_places: false,
            todo: vec![(None, head)],
            stops: Vec::new(),
            usable,
        }
    }

    /// Goes down to what the index holds at or before position `floor`, beyond where it stopped before.
    pub(super) fn descend<S: Source, K: Keeper>(
        &mut self,
        source: &mut S,
        keeper: &mut K,
        floor: i64,
    ) -> Result<(), FollowError<K::Error>> {
        let floor = floor.min(self.usable - 1);
        let (stops, further): (Vec<Stop>, Vec<Stop>) =
            std::mem::take(&mut self.stops).into_iter().partition(|stop| stop.at.position <= floor);
        self.stops = stops;
        self.todo.extend(further.into_iter().map(|stop| (stop.by, stop.id)));
        while let Some((by, id)) = self.todo.pop() {
            if let Some(place) = self.place(&id) {
                self.connect(by, place as u32);
                continue;
            }
            if floor >= 0
                && let Some(at) = keeper.find(id).map_err(FollowError::Keeper)?
                && at.position <= floor
            {
                self.connect(by, KEPT);
                self.stops.push(Stop { by, id, at });
                continue;
            }
            match source.commit(id)? {
                Some((commit, edge)) => self.take(by, id, commit, edge),
                None => self.lose(by),
            }
        }
        Ok(())
    }

    fn take(&mut self, by: Wanted, id: ObjectId, commit: crate::store::timeline::commits::Commit, edge: bool) {
        let place = self.headers.len() as u32;
        self.connect(by, place);
        let mut kind = commit.kind;
        if kind == Kind::Pull && commit.followed.len() < 2 {
            // With one line cut off, what came from it can only count when it was merged.
            kind = Kind::Landing;
        }
        // The second parent first, so that the first is gone down to the end before it.
        for (slot, &parent) in commit.followed.iter().enumerate().rev() {
            self.todo.push((Some((place, slot)), parent));
        }
        self.headers.push(Header {
            id,
            tree: commit.tree,
            parents: [NONE; 2],
            author: commit.author,
            committer: commit.committer,
            kind,
            edge,
            named: commit.named,
        });
        if self.has_places {
            self.note(place);
        } else if kind == Kind::Pull {
            self.has_places = true;
            (0..=place).for_each(|place| self.note(place));
        }
    }

    /// A parent turned out not to be in the repository.
    fn lose(&mut self, by: Wanted) {
        let Some((child, _)) = by else { return };
        let child = &mut self.headers[child as usize];
        child.edge = true;
        if child.kind == Kind::Pull {
            child.kind = Kind::Landing;
        }
    }

    fn connect(&mut self, by: Wanted, place: u32) {
        if let Some((child, slot)) = by {
            self.headers[child as usize].parents[slot] = place;
        }
    }

    fn note(&mut self, place: u32) {
        let headers = &self.headers;
        let hash = |&place: &u32| short(&headers[place as usize].id);
        self.places.insert_unique(hash(&place), place, hash);
    }

    /// The place of a commit among those gathered.
    pub(super) fn place(&self, id: &ObjectId) -> Option<usize> {
        if !self.has_places {
            return None;
        }
        let found = self.places.find(short(id), |&place| self.headers[place as usize].id == *id);
        found.map(|&place| place as usize)
    }

    /// Makes [`Gather::place`] answer, and forgets what only the way down needed.
    pub(super) fn note_places(&mut self) {
        if !self.has_places {
            self.has_places = true;
            (0..self.headers.len() as u32).for_each(|place| self.note(place));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.headers.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Whether a commit without parents was gathered.
    pub(super) fn has_root(&self) -> bool {
        self.headers.iter().any(|header| header.parents == [NONE; 2])
    }

    pub(super) fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// The earliest committer date.
    pub(super) fn earliest(&self) -> Option<i64> {
        self.headers.iter().map(|header| header.committer).min()
    }

    pub(super) fn header(&self, place: usize) -> &Header {
        &self.headers[place]
    }

    /// The parents in their order: a place, or `None` for the position that the index keeps last.
    pub(super) fn followed(&self, place: usize) -> impl Iterator<Item = Option<usize>> {
        let parents = self.headers[place].parents.into_iter().filter(|&parent| parent != NONE);
        parents.map(|parent| (parent != KEPT).then_some(parent as usize))
    }
}

impl Commits for Gather {
    fn count(&self) -> usize {
        self.headers.len()
    }

    fn id(&self, node: usize) -> &ObjectId {
        &self.headers[node].id
    }

    fn parents(&self, node: usize) -> impl Iterator<Item = usize> {
        self.followed(node).flatten()
    }

    fn committer(&self, node: usize) -> i64 {
        self.headers[node].committer
    }
}

/// A part of an id that is as good as a hash of it.
fn short(id: &ObjectId) -> u64 {
    id.as_slice().first_chunk().copied().map_or(0, u64::from_le_bytes)
}
