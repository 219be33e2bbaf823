//! What a remote's branch once had: a commit that was published is not ours to publish again, should the remote have dropped it.
//!
//! The tracking reference alone cannot tell: a fetch moves it to wherever the remote is now. So what an exchange finished with is
//! kept in a reference of our own, and what the tracking reference had is looked at before it moves, and in its log.

use std::collections::BTreeSet;

use gix::ObjectId;
use gix::refs::transaction::PreviousValue;

use super::super::error::{Error, gix_error, io_error};
use super::{Standing, Store, Upstream};

/// What a remote's branch had before it was asked again.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Where it was; everything below was there too.
    tips: Vec<ObjectId>,
    /// Where it was once, as the log of the tracking reference has it; everything below was there too. The commits need not be in
    /// this clone any more.
    logged: BTreeSet<ObjectId>,
}

impl Seen {
    /// The branch was never seen at the remote.
    pub fn is_nothing(&self) -> bool {
        self.tips.is_empty()
    }
}

impl Store {
    /// What the upstream is known to have had; to be asked before fetching, which it also makes safe to cut off.
    ///
    /// # Errors
    /// When references cannot be read or written.
    pub fn seen(&self, upstream: &Upstream) -> Result<Seen, Error> {
        let (kept, tracked) = (self.reference(&upstream.seen())?, self.reference(&upstream.tracking)?);
        if let Some(tracked) = tracked {
            let goes_on = match kept {
                None => true,
                Some(kept) => matches!(self.standing_of(kept, tracked)?.0, Standing::Behind),
            };
            if goes_on {
                self.note_seen(upstream, tracked)?;
            }
        }
        let tips = kept.into_iter().chain(tracked).collect();
        Ok(Seen { tips, logged: self.logged(&upstream.tracking)? })
    }

    /// Keeps what the upstream has.
    ///
    /// # Errors
    /// When the reference cannot be written.
    pub fn note_seen(&self, upstream: &Upstream, tip: ObjectId) -> Result<(), Error> {
        let name = upstream.seen();
        if self.reference(&name)? != Some(tip) {
            let failed = gix_error(format!("{name} cannot be written"));
            self.repo().reference(name.as_str(), tip, PreviousValue::Any, "").map_err(failed)?;
        }
        Ok(())
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
        let tips: BTreeSet<ObjectId> = seen.tips.iter().chain(&seen.logged).copied().collect();
        let tips = tips.into_iter().filter(|tip| self.repo().has_object(*tip));
        let never: BTreeSet<ObjectId> = self.besides(ours, tips)?.into_iter().collect();
        Ok(own.into_iter().find(|commit| !never.contains(commit)))
    }

    /// Every commit that a reference was moved to or from, as far as its log goes. Where it was before its first line, such as in a
    /// fresh clone, only that line says.
    fn logged(&self, name: &str) -> Result<BTreeSet<ObjectId>, Error> {
        let failed = || format!("the log of {name} is unreadable");
        let Some(reference) = self.repo().try_find_reference(name).map_err(gix_error(failed()))? else {
            return Ok(BTreeSet::new());
        };
        let mut platform = reference.log_iter();
        let Some(lines) = platform.all().map_err(io_error(name))? else { return Ok(BTreeSet::new()) };
        // A line that a crash left half written says nothing.
        let ids = lines.filter_map(Result::ok).flat_map(|line| [line.previous_oid(), line.new_oid()]);
        Ok(ids.filter(|id| !id.is_null()).collect())
    }
}
