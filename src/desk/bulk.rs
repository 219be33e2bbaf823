//! Many commits at once: a desk in memory whose changes become commits on a private reference, landed as one move.
//!
//! What an import or the demo changes goes through the same [`Draft`]s as a single command; only the writing differs. Nothing
//! of the user's repository moves before [`BulkDesk::land`].

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::draft::Files;
use super::{Desk, Draft, WriteError, WriteOptions, message};
use crate::store::bulk::{self, Alive, Bulk, BulkCommit, BulkError};
use crate::store::{self, CommitSpec, ObjectId, Outcome, Signature, Snapshot};

/// Why many commits could not be made. The branch, the staging area and the work tree are as they were.
#[derive(Debug, thiserror::Error)]
pub enum BulkFailure {
    /// A change was refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The repository refused or failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Writing the commits failed.
    #[error(transparent)]
    Bulk(#[from] BulkError),
}

/// A desk in memory, over what HEAD has.
pub struct BulkDesk<'d> {
    desk: &'d Desk,
    bulk: Bulk,
    _alive: Alive,
    files: Memory,
    base: Option<ObjectId>,
    op: String,
    commits: usize,
}

/// Who made one of the commits, when, and what its message says besides.
pub struct BulkChange<'a> {
    /// Who made the change, and when it happened.
    pub author: Signature,
    /// Who recorded it, and when.
    pub committer: Signature,
    /// Action, why, more lines, and whether rules are enforced; its other fields are not used.
    pub options: &'a WriteOptions,
    /// Makes the commit even when no file changes, so that every event of a foreign history stands for itself.
    pub even_if_empty: bool,
}

impl<'d> BulkDesk<'d> {
    /// Begins on top of HEAD. `op` names the private reference; a name that was used and not landed is begun anew.
    ///
    /// # Errors
    /// When HEAD cannot be read or the git program is not there.
    pub fn start(desk: &'d Desk, op: &str) -> Result<Self, BulkFailure> {
        let snapshot = desk.store().head_snapshot()?;
        let base = snapshot.commit();
        let (bulk, alive) = desk.store().start_bulk(op, base)?;
        Ok(Self { desk, bulk, _alive: alive, files: Memory::over(snapshot), base, op: op.to_owned(), commits: 0 })
    }

    /// Makes one commit of what `build` changes; nothing when it changes nothing.
    ///
    /// # Errors
    /// When `build` fails, a rule is broken, or git fails.
    pub fn change(
        &mut self,
        change: &BulkChange<'_>,
        build: impl FnOnce(&mut Draft<'_>) -> Result<(), WriteError>,
    ) -> Result<Option<u64>, BulkFailure> {
        let mut draft = Draft::new(&self.files);
        draft.guarded = !change.options.unguarded;
        build(&mut draft)?;
        self.desk.finish(&mut draft)?;
        if draft.writes().is_empty() && !change.even_if_empty {
            return Ok(None);
        }
        let message = message::message(&draft, change.options, change.options.op_id.as_deref());
        let writes: Vec<(String, Option<Vec<u8>>)> =
            draft.writes().iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
        let commit = BulkCommit {
            author: change.author.clone(),
            committer: change.committer.clone(),
            message,
            writes: writes
                .iter()
                .map(|(path, bytes)| (self.desk.store().repository_path(path), bytes.clone()))
                .collect(),
        };
        let mark = self.bulk.commit(&commit)?;
        for (path, bytes) in writes {
            self.files.write(path, bytes);
        }
        self.commits += 1;
        Ok(Some(mark))
    }

    /// Makes one commit of a file that is none of the desk's, such as code, by an author and a committer.
    ///
    /// # Errors
    /// When git fails.
    pub fn beside(
        &mut self,
        (author, committer): (Signature, Signature),
        message: &str,
        path: &str,
        bytes: &[u8],
    ) -> Result<u64, BulkFailure> {
        let writes = vec![(path.to_owned(), Some(bytes.to_owned()))];
        let mark = self.bulk.commit(&BulkCommit { author, committer, message: message.to_owned(), writes })?;
        self.commits += 1;
        Ok(mark)
    }

    /// A draft over the desk as it stands now, to look things up.
    pub fn look(&self) -> Draft<'_> {
        Draft::new(&self.files)
    }

    /// Tags one of the commits; the tag appears when everything lands.
    ///
    /// # Errors
    /// When git forbids the name.
    pub fn tag(&mut self, name: &str, mark: u64, tagger: &Signature, message: &str) -> Result<(), BulkFailure> {
        Ok(self.bulk.tag(name, mark, tagger, message)?)
    }

    /// How many commits there are so far.
    pub fn commits(&self) -> usize {
        self.commits
    }

    /// Moves the branch, the work tree and the staging area to the last commit.
    ///
    /// # Errors
    /// When HEAD moved meanwhile or a file of the user's is in the way; run it again then, nothing has changed.
    pub fn land(self, log: &str) -> Result<Outcome, BulkFailure> {
        self.land_with(log, &Signed::No)
    }

    /// As [`BulkDesk::land`], with every commit signed.
    ///
    /// # Errors
    /// As for [`BulkDesk::land`], and when signing is not configured or fails.
    pub fn land_signed(self, log: &str) -> Result<Outcome, BulkFailure> {
        self.land_with(log, &Signed::Each)
    }

    /// As [`BulkDesk::land`]; where the configuration asks for signatures, one signed commit with `subject` closes and vouches
    /// for the others.
    ///
    /// # Errors
    /// As for [`BulkDesk::land`], and when signing fails.
    pub fn land_vouched(self, log: &str, subject: &str, options: &WriteOptions) -> Result<Outcome, BulkFailure> {
        let message = format!("{subject}\n\nAction: {}\nOp-Id: {}\n", options.action, self.op);
        let spec = self.desk.commit_spec(options, message);
        self.land_with(log, &Signed::Vouched(Box::new(spec)))
    }

    fn land_with(self, log: &str, signed: &Signed) -> Result<Outcome, BulkFailure> {
        if self.commits == 0 {
            return Ok(Outcome::Nothing);
        }
        let store = self.desk.store();
        let tip = self.bulk.finish()?;
        let tip = match signed {
            Signed::No => Ok(tip),
            Signed::Vouched(spec) => store.vouch(tip, spec),
            Signed::Each => store.sign_each(tip, self.base),
        };
        let landed = tip.and_then(|tip| store.land(tip, self.base, log));
        let settled = match &landed {
            Ok(_) => bulk::settle(store.repo(), &self.op),
            Err(_) => bulk::discard(store.repo(), &self.op),
        };
        let outcome = landed?;
        settled?;
        Ok(outcome)
    }
}

/// How commits made in bulk are signed.
enum Signed {
    /// Not at all.
    No,
    /// One closing commit vouches for the others, where the configuration asks for signatures.
    Vouched(Box<CommitSpec>),
    /// Every one.
    Each,
}

/// Files over a commit, kept by folder so that listing one costs what it holds.
struct Memory {
    base: Snapshot,
    written: BTreeMap<String, Option<Vec<u8>>>,
    folders: RefCell<BTreeMap<String, BTreeSet<String>>>,
}

impl Memory {
    fn over(base: Snapshot) -> Self {
        Self { base, written: BTreeMap::new(), folders: RefCell::new(BTreeMap::new()) }
    }

    fn write(&mut self, path: String, bytes: Option<Vec<u8>>) {
        let there = bytes.is_some();
        let mut rest = path.as_str();
        while let Some((folder, name)) = rest.rsplit_once('/') {
            // A folder not yet listed is listed from what was written when it is asked for.
            if let Some(names) = self.folders.get_mut().get_mut(folder) {
                if there {
                    names.insert(name.to_owned());
                } else if rest == path {
                    names.remove(name);
                }
            }
            rest = folder;
        }
        self.written.insert(path, bytes);
    }

    fn list(&self, folder: &str) -> Result<BTreeSet<String>, store::Error> {
        let mut names: BTreeSet<String> = self.base.list(folder)?.into_iter().map(|entry| entry.name).collect();
        let inside = format!("{folder}/");
        for (path, bytes) in self.written.range(inside.clone()..).take_while(|(path, _)| path.starts_with(&inside)) {
            let rest = &path[inside.len()..];
            match (rest.split_once('/'), bytes) {
                (Some((name, _)), Some(_)) => drop(names.insert(name.to_owned())),
                (None, Some(_)) => drop(names.insert(rest.to_owned())),
                (None, None) => drop(names.remove(rest)),
                (Some(_), None) => {}
            }
        }
        Ok(names)
    }
}

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, store::Error> {
        match self.written.get(path) {
            Some(written) => Ok(written.clone()),
            None => self.base.read(path),
        }
    }

    fn names(&self, folder: &str, start: &str) -> Result<Vec<String>, store::Error> {
        if !self.folders.borrow().contains_key(folder) {
            let names = self.list(folder)?;
            self.folders.borrow_mut().insert(folder.to_owned(), names);
        }
        let folders = self.folders.borrow();
        let names = folders.get(folder).into_iter().flat_map(|names| names.range(start.to_owned()..));
        Ok(names.take_while(|name| name.starts_with(start)).cloned().collect())
    }

    fn is_likely(&self, _path: &str) -> bool {
        true
    }
}
