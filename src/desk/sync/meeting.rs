//! Our line brought to go on where theirs ends, and the branch moved to it.

use std::collections::BTreeMap;

use super::crossing::{Sides, cross_edits};
use super::{Exchange, SyncFailure, is_below};
use crate::store::sync::network::Listed;
use crate::store::sync::published::Seen;
use crate::store::sync::replay::{Replayer, Standing, Stop};
use crate::store::{self, Log, ObjectId, trailers};

/// Our line once it goes on where theirs ends.
pub(super) struct Meeting {
    pub(super) tip: ObjectId,
    pub(super) theirs: Option<ObjectId>,
    /// Our commits, oldest first.
    pub(super) own: Vec<ObjectId>,
}

impl Exchange<'_> {
    /// Brings our line to go on where theirs ends; nothing when the branch moved meanwhile, and all is to be done again.
    pub(super) fn meet(&mut self, theirs: Option<ObjectId>, seen: &Seen) -> Result<Option<Meeting>, SyncFailure> {
        let store = self.desk.store();
        // Renamed or taken away while the remote was asked.
        let Some(ours) = self.tip()? else { return Err(SyncFailure::NoBranch { route: self.route() }) };
        let Some(theirs) = theirs else {
            if !seen.is_nothing() {
                return Err(SyncFailure::Gone { route: self.route() });
            }
            let others = match store.branches_at(&self.upstream.remote, self.options.prompts)? {
                Listed::Done(others) => others,
                // The push will say it once more.
                Listed::Offline(_) | Listed::Refused(_) => BTreeMap::new(),
            };
            if !others.is_empty() {
                let blocking = others.into_keys().find(|other| is_below(other, &self.upstream.branch));
                return Err(match blocking {
                    Some(other) => SyncFailure::NoRoom { route: self.route(), other },
                    None => SyncFailure::NoSuchBranch { route: self.route() },
                });
            }
            let own = store.own_commits(ours, None).map_err(|stop| self.stopped(stop))?;
            return Ok(Some(Meeting { tip: ours, theirs: None, own }));
        };
        let (standing, base) = store.standing_of(ours, theirs)?;
        // Before anything is said of what the remote dropped: a wrong address dropped nothing.
        let Some(base) = base else { return Err(self.stopped(Stop::Unrelated)) };
        if let Some(commit) = store.withdrawn(seen, ours, theirs)? {
            let subject = trailers::subject(&store.commit_info(commit)?.message).to_owned();
            let own = store.between(commit, ours)?.len();
            return Err(SyncFailure::Rewritten { route: self.route(), commit, subject, own });
        }
        if matches!(standing, Standing::Behind | Standing::Parted) {
            store.get_lacking(&self.upstream.remote, ours, theirs, self.options.prompts)?;
        }
        let tip = match standing {
            Standing::Level | Standing::Ahead => ours,
            Standing::Behind => theirs,
            Standing::Parted => {
                let replayed = store.replay(ours, theirs, &self.replayer()?).map_err(|stop| self.stopped(stop))?;
                self.known = replayed.commits.iter().filter(|(_, new)| new.is_none()).count();
                let sides = Sides { base, ours, theirs, merged: replayed.tip, commits: &replayed.commits };
                self.warnings = cross_edits(self.desk, &sides)?;
                if !self.options.dry_run {
                    store.note_applied(&replayed.commits, theirs)?;
                }
                replayed.tip
            }
        };
        let own = store.own_commits(tip, Some(theirs)).map_err(|stop| self.stopped(stop))?;
        if tip != ours && !self.options.dry_run && !self.land(ours, tip, own.len())? {
            return Ok(None);
        }
        Ok(Some(Meeting { tip, theirs: Some(theirs), own }))
    }

    fn replayer(&self) -> Result<Replayer, SyncFailure> {
        let now = self.desk.now();
        let offset_seconds = self.desk.zone().to_offset(now.timestamp()).seconds();
        Ok(Replayer { committer: self.desk.store().committer()?, time: now, offset_seconds })
    }

    /// Moves the branch; false when it is no longer where it was, or no longer checked out as it was.
    fn land(&self, from: ObjectId, to: ObjectId, own: usize) -> Result<bool, SyncFailure> {
        let store = self.desk.store();
        let words = match own {
            0 => format!("sync: to {}", self.upstream.shown()),
            own => format!("sync: {own} on top of {}", self.upstream.shown()),
        };
        // Somebody without a name can still take in what others did.
        let who = self.replayer().ok();
        let log = Log { words: &words, who: who.as_ref() };
        let moved = match self.is_checked_out()? {
            true => store.land_anywhere(&self.branch, from, to, &log).map(|_| true),
            false => store.move_branch_alone(&self.branch, from, to, &log),
        };
        match moved {
            Ok(moved) => Ok(moved),
            // The branch moved, or somebody left it or went to it here.
            Err(store::Error::HeadMoved | store::Error::BranchSwitched { .. }) => Ok(false),
            Err(store::Error::CheckedOut { path, .. }) if path == store.work_dir() => Ok(false),
            Err(error) => Err(self.stopped(Stop::Store(error))),
        }
    }
}
