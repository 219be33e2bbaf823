//! What a remote's branch once had: a commit that was published is not ours to publish again, should the remote have dropped it.
//!
//! The tracking reference alone cannot tell: a fetch moves it to wherever the remote is now. So what exchanges saw is kept in a file
//! of our own, and what the tracking reference had is looked at before it moves, and in its log. A reference would keep what was
//! dropped, which may be a secret, and would travel with whoever pushes all there is.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;

use super::super::error::{Error, gix_error, io_error};
use super::super::journal;
use super::{Store, Upstream};

/// What a remote's branch had before it was asked again.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Where the tracking reference is, if the remote itself said so.
    tracked: Option<ObjectId>,
    /// Where the branch was when exchanges ended; everything below was there too.
    noted: BTreeSet<ObjectId>,
    /// Where it was once, as the log of the tracking reference has it; everything below was there too. The commits need not be in
    /// this clone any more.
    logged: BTreeSet<ObjectId>,
}

impl Seen {
    /// The branch was never seen at the remote.
    pub fn is_nothing(&self) -> bool {
        self.tracked.is_none() && self.noted.is_empty()
    }

    /// Where the branch was when it was last asked for, if that is known.
    pub fn last(&self) -> Option<ObjectId> {
        self.tracked
    }
}

impl Store {
    /// What the upstream is known to have had; to be asked before fetching.
    ///
    /// # Errors
    /// When references cannot be read.
    pub fn seen(&self, upstream: &Upstream) -> Result<Seen, Error> {
        // Git takes what it pushed for what the remote has, though it may have gone to another place.
        let is_told_by_pushes = self.push_addresses(&upstream.remote)?.is_empty();
        let log = self.log_of(&upstream.tracking, is_told_by_pushes)?;
        let tracked = self.reference(&upstream.tracking)?.filter(|id| !log.pushed.contains(id));
        let noted = self.seen_notes()?.remove(&upstream.tracking).unwrap_or_default();
        Ok(Seen { tracked, noted, logged: log.had })
    }

    /// Keeps that the upstream has, or had, a commit.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn note_seen(&self, upstream: &Upstream, tip: ObjectId) -> Result<(), Error> {
        let mut notes = self.seen_notes()?;
        let mut noted = BTreeSet::from([tip]);
        for old in notes.remove(&upstream.tracking).unwrap_or_default() {
            // What lies below is said by it, and what is here no more cannot be published.
            if self.repo().has_object(old) && self.merge_base(old, tip)? != Some(old) {
                noted.insert(old);
            } else if old == tip {
                return Ok(());
            }
        }
        notes.insert(upstream.tracking.clone(), noted);
        let lines = notes.iter().flat_map(|(name, ids)| ids.iter().map(move |id| format!("{id} {name}\n")));
        self.write_shared("seen", &lines.collect::<String>())
    }

    /// The notes of all upstreams, by tracking reference.
    fn seen_notes(&self) -> Result<BTreeMap<String, BTreeSet<ObjectId>>, Error> {
        let mut notes: BTreeMap<String, BTreeSet<ObjectId>> = BTreeMap::new();
        let text = journal::read_text(&self.common_dir().join("staple/seen"))?.unwrap_or_default();
        for (id, name) in text.lines().filter_map(|line| line.split_once(' ')) {
            if let Ok(id) = ObjectId::from_hex(id.as_bytes()) {
                notes.entry(name.to_owned()).or_default().insert(id);
            }
        }
        Ok(notes)
    }

    /// What this clone last pushed to a branch of its own at a remote; nothing where that is not known.
    ///
    /// # Errors
    /// When the notes cannot be read.
    pub fn proposed(&self, remote: &str, branch: &str) -> Result<Option<ObjectId>, Error> {
        Ok(self.request_notes()?.remove(&(self.digest(remote), branch.to_owned())))
    }

    /// Keeps what was pushed to a branch of its own, and forgets those that the remote has no more: it has `branches`.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn note_proposed<T>(
        &self,
        remote: &str,
        branch: &str,
        tip: ObjectId,
        branches: &BTreeMap<String, T>,
    ) -> Result<(), Error> {
        let remote = self.digest(remote);
        let mut notes = self.request_notes()?;
        notes.retain(|(other, branch), _| *other != remote || branches.contains_key(branch));
        notes.insert((remote, branch.to_owned()), tip);
        let lines = notes.iter().map(|((remote, branch), id)| format!("{id} {remote} {branch}\n"));
        self.write_shared("requests", &lines.collect::<String>())
    }

    fn request_notes(&self) -> Result<BTreeMap<(String, String), ObjectId>, Error> {
        let text = journal::read_text(&self.common_dir().join("staple/requests"))?.unwrap_or_default();
        let note = |line: &str| {
            let (id, (remote, branch)) =
                line.split_once(' ').and_then(|(id, rest)| Some((id, rest.split_once(' ')?)))?;
            Some(((remote.to_owned(), branch.to_owned()), ObjectId::from_hex(id.as_bytes()).ok()?))
        };
        Ok(text.lines().filter_map(note).collect())
    }

    /// The newest commit of `ours` that the upstream had and has no more, now that it has `theirs`.
    ///
    /// # Errors
    /// When history cannot be read.
    pub fn withdrawn(&self, seen: &Seen, ours: ObjectId, theirs: ObjectId) -> Result<Option<ObjectId>, Error> {
        let own = self.between(theirs, ours)?;
        if own.is_empty() {
            return Ok(None);
        }
        let tips: BTreeSet<ObjectId> = seen.noted.iter().chain(&seen.logged).chain(&seen.tracked).copied().collect();
        let tips = tips.into_iter().filter(|tip| self.repo().has_object(*tip));
        let never: BTreeSet<ObjectId> = self.besides(ours, tips)?.into_iter().collect();
        Ok(own.into_iter().find(|commit| !never.contains(commit)))
    }

    /// Where a reference was, as far as its log goes. Where it was before the first line, such as in a fresh clone, only that line
    /// says.
    fn log_of(&self, name: &str, is_told_by_pushes: bool) -> Result<Logged, Error> {
        let mut log = Logged::default();
        let failed = || format!("the log of {name} is unreadable");
        let Some(reference) = self.repo().try_find_reference(name).map_err(gix_error(failed()))? else {
            return Ok(log);
        };
        let mut platform = reference.log_iter();
        let Some(lines) = platform.all().map_err(io_error(name))? else { return Ok(log) };
        // A line that a crash left half written says nothing.
        for line in lines.filter_map(Result::ok) {
            let (from, to) = (line.previous_oid(), line.new_oid());
            if !from.is_null() && !log.pushed.contains(&from) {
                log.had.insert(from);
            }
            if !is_told_by_pushes && line.message == "update by push" {
                log.pushed.insert(to);
            } else if !to.is_null() {
                log.pushed.remove(&to);
                log.had.insert(to);
            }
        }
        Ok(log)
    }
}

/// What the log of a tracking reference says.
#[derive(Default)]
struct Logged {
    /// Where the branch was at the remote.
    had: BTreeSet<ObjectId>,
    /// What was pushed, and need not have gone there.
    pushed: BTreeSet<ObjectId>,
}
