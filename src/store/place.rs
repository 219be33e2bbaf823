//! Moving work tree, staging area and branch from one state to the next, in the one order in which a crash harms nothing.
//!
//! The record files first, then the staging area, then the branch: a branch that moved first would leave, for a moment, a
//! staging area whose next commit silently reverts the record.

use gix::refs::Target;
use gix::refs::transaction::{PreviousValue, RefEdit};

use super::error::{Error, gix_error};
use super::files::{Files, Flush};
use super::journal::{self, Item, Journal};
use super::snapshot::EntryKind;
use super::staging::{self, Lock, Put, Staging, lock_path};
use super::standing::{Scene, same_content};
use super::{Head, Store, git};

/// What to move, and where from.
pub(crate) struct Move<'a> {
    /// Where HEAD was when the items were made.
    pub(crate) head: &'a Head,
    pub(crate) items: &'a [Item],
    /// The new commit with its reflog line; `None` stops before the branch.
    pub(crate) tip: Option<Tip>,
    /// Every item's base is what HEAD has there, and need not be looked up.
    pub(crate) from_head: bool,
}

/// What was begun before the move.
#[derive(Default)]
pub(crate) struct Begun<'scope> {
    /// The staging area as it was read.
    pub(crate) staging: Option<Staging>,
    /// The objects that the move makes visible, on their way to the disk.
    pub(crate) objects: Option<Flush<'scope>>,
}

/// Where the branch goes.
pub(crate) struct Tip {
    pub(crate) commit: gix::ObjectId,
    pub(crate) log: String,
    pub(crate) committer: gix::actor::Signature,
}

/// Whether the move was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// It was.
    Done,
    /// Nothing was touched: HEAD or a record is not as it was, so the change must be made anew.
    Moved,
}

/// More files than this are flushed by one call for the whole disk.
const MANY: usize = 16;

impl Store {
    /// Makes the move or leaves everything as it was; our turn must be held.
    pub(crate) fn place(&self, step: &Move<'_>, begun: Begun<'_>) -> Result<Placed, Error> {
        // The last gate: whatever goes on may be run by git or lie outside of the work tree.
        step.items.iter().try_for_each(|item| super::transaction::check_foreign_path(&item.path))?;
        let path = self.journal_path()?;
        let tip = step.tip.as_ref().map(|tip| tip.commit);
        let journal = Journal { tip, locks: self.lock_paths(step.head), held: None, items: step.items.to_vec() };
        journal.begin(&path, self.durable)?;
        let placed = self.place_noted(step, begun, &path);
        let finished = match &placed {
            // What is staged and not noted as ours would be refused as the user's.
            Ok(Placed::Done) if step.tip.is_none() => self.add_notes(step.items).is_ok(),
            Ok(_) => true,
            Err(failure) => failure.undone,
        };
        // Otherwise the next run finishes or undoes what the journal says, as it does when the journal cannot be removed.
        if finished {
            let _ = journal::remove(&path);
        }
        placed.map_err(|failure| failure.error)
    }

    fn place_noted(&self, step: &Move<'_>, begun: Begun<'_>, journal: &std::path::Path) -> Result<Placed, Failure> {
        let lock = staging::lock(self)?;
        Journal::holds(journal, &lock.path)?;
        self.refuse_in_progress()?;
        if !self.still_at(step.head)? {
            return Ok(Placed::Moved);
        }
        let staging = match begun.staging {
            Some(read) => Staging::read_again(self, read)?,
            None => Staging::read(self)?,
        };
        let mut scene = Scene::with(self, step.head.commit, staging)?;
        let mut kept = Vec::with_capacity(step.items.len());
        for item in step.items {
            let clear = match step.from_head {
                true => {
                    let kind = if item.was_executable { EntryKind::Program } else { EntryKind::File };
                    scene.clear_from(&item.path, item.base.map(|id| (kind, id)))?
                }
                false => scene.clear(&item.path)?,
            };
            if clear.base != item.base {
                return Ok(Placed::Moved);
            }
            kept.push(!clear.left_out && !item.left_out);
        }
        let edit = match &step.tip {
            None => None,
            Some(tip) => match self.prepare_branch(step.head, tip)? {
                None => return Ok(Placed::Moved),
                edit => edit,
            },
        };
        let files = Files::new(self.work_dir());
        let written: Vec<&Item> =
            step.items.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(item, _)| item).collect();
        let folders = match self.write_files(&files, &written) {
            Ok(folders) => folders,
            Err(error) => {
                let undone = self.restore_files(&files, &written).is_ok();
                return Err(Failure { error, undone });
            }
        };
        let staged = std::thread::scope(|scope| {
            let lock_file = self.durable.then(|| self.branch_lock(step.head));
            let beside = Flush::begin(scope, folders.into_iter().chain(lock_file).collect());
            self.stage_entries(&mut scene.staging, &files, step.items, &kept, &lock)?;
            beside.wait()?;
            // Whoever finds the new staging area finds all that it names, even after a power cut.
            begun.objects.map_or(Ok(()), Flush::wait)?;
            lock.publish(self.durable)
        });
        if let Err(error) = staged {
            // The staging area may be in place already when what failed is flushing its folder.
            let undone = self.undo(step.items, &lock).is_ok();
            return Err(Failure { error, undone });
        }
        let entries = scene.staging.index.entries().len();
        let (Some(edit), Some(tip)) = (edit, &step.tip) else {
            lock.outlast_readers(entries, git::may_be_running());
            return Ok(Placed::Done);
        };
        std::thread::scope(|scope| {
            let readers = std::thread::Builder::new().spawn_scoped(scope, git::may_be_running);
            self.move_branch(step, edit, tip, &lock)?;
            let readers = readers.map_or_else(|_| git::may_be_running(), |seen| seen.join().unwrap_or(true));
            lock.outlast_readers(entries, readers);
            Ok(Placed::Done)
        })
    }

    fn move_branch(
        &self,
        step: &Move<'_>,
        edit: gix::refs::file::Transaction<'_, '_>,
        tip: &Tip,
        lock: &Lock,
    ) -> Result<(), Failure> {
        let mut time = gix::date::parse::TimeBuf::default();
        if let Err(error) = edit.commit(tip.committer.to_ref(&mut time)) {
            // The branch may have moved all the same, when what failed came after.
            if self.head()?.commit == Some(tip.commit) {
                return Ok(());
            }
            let undone = self.undo(step.items, lock).is_ok();
            return Err(Failure { error: gix_error("the branch cannot be moved")(error), undone });
        }
        // The commit stands, whatever becomes of the flush.
        let _ = self.flush_branch(step.head);
        Ok(())
    }

    fn still_at(&self, head: &Head) -> Result<bool, Error> {
        let now = self.head()?;
        if now.branch != head.branch || now.detached != head.detached {
            return Err(Error::BranchSwitched { from: name(head), to: name(&now) });
        }
        Ok(now.commit == head.commit)
    }

    /// Locks HEAD and its branch, checked to be where they were; `None` when the branch moved.
    fn prepare_branch(&self, head: &Head, tip: &Tip) -> Result<Option<gix::refs::file::Transaction<'_, '_>>, Error> {
        let expected = match head.commit {
            Some(commit) => PreviousValue::MustExistAndMatch(Target::Object(commit)),
            None => PreviousValue::MustNotExist,
        };
        let name = gix::refs::FullName::try_from("HEAD").map_err(|_| Error::BadPath { path: "HEAD".to_owned() })?;
        let edit = RefEdit::update(name, tip.commit, expected, tip.log.as_str()).with_deref(true);
        let wait = gix::lock::acquire::Fail::AfterDurationWithBackoff(staging::PATIENCE);
        let prepared = match self.repo().refs.transaction().prepare([edit], wait, wait) {
            Ok(prepared) => prepared,
            Err(_) if !self.still_at(head)? => return Ok(None),
            Err(error) if error.is_retryable() => {
                // Moving a branch takes several locks, and what failed does not say which one was in the way.
                let held = self.lock_paths(head).into_iter().skip(1).find(|lock| lock.exists());
                return Err(Error::Locked { path: held.unwrap_or_else(|| self.branch_lock(head)) });
            }
            Err(error) => return Err(gix_error("the branch cannot be locked")(error)),
        };
        if !self.still_at(head)? {
            return Ok(None);
        }
        Ok(Some(prepared))
    }

    /// Puts the files of a change in place; gives the folders that have still to be flushed.
    fn write_files(&self, files: &Files, items: &[&Item]) -> Result<Vec<std::path::PathBuf>, Error> {
        let each = self.durable && items.len() <= MANY;
        let mut buffer = Vec::new();
        for item in items {
            if let Some(id) = item.new {
                self.head_blob(id, &mut buffer)?;
                files.prepare(&item.path, &item.line_ends.apply(&buffer), each)?;
                if item.executable {
                    files.let_run(&item.path)?;
                }
            }
        }
        if self.durable && !each && !super::files::flush_disk(self.work_dir())? {
            return self.write_slowly(files, items);
        }
        for item in items {
            match item.new {
                Some(_) => files.replace(&item.path)?,
                None => files.remove(&item.path)?,
            }
        }
        match self.durable {
            true if each => return Ok(folders(files, items)),
            true => drop(super::files::flush_disk(self.work_dir())?),
            false => {}
        }
        Ok(Vec::new())
    }

    /// Where the system cannot flush a disk in one go.
    fn write_slowly(&self, files: &Files, items: &[&Item]) -> Result<Vec<std::path::PathBuf>, Error> {
        let mut buffer = Vec::new();
        for item in items {
            match item.new {
                Some(id) => {
                    self.head_blob(id, &mut buffer)?;
                    files.prepare(&item.path, &item.line_ends.apply(&buffer), true)?;
                    if item.executable {
                        files.let_run(&item.path)?;
                    }
                    files.replace(&item.path)?;
                }
                None => files.remove(&item.path)?,
            }
        }
        Ok(folders(files, items))
    }

    /// Puts back what [`Store::write_files`] wrote, wherever the file still holds it.
    fn restore_files(&self, files: &Files, items: &[&Item]) -> Result<(), Error> {
        let mut buffer = Vec::new();
        let hash = self.repo().object_hash();
        let mut first = Ok(());
        for item in items {
            let mut restore = || -> Result<(), Error> {
                files.discard(&item.path)?;
                let now = files.read(&item.path)?;
                let ours = match (&now, item.new) {
                    (Some(bytes), Some(new)) => same_content(bytes, new, hash)?,
                    (None, None) => true,
                    _ => false,
                };
                match item.base {
                    Some(base) if ours => {
                        self.head_blob(base, &mut buffer)?;
                        files.prepare(&item.path, &item.line_ends.apply(&buffer), self.durable)?;
                        if self.runs_in_head(&item.path)? {
                            files.let_run(&item.path)?;
                        }
                        files.replace(&item.path)
                    }
                    None if ours && now.is_some() => files.remove(&item.path),
                    _ => Ok(()),
                }
            };
            first = first.and(restore());
        }
        first
    }

    fn stage_entries(
        &self,
        staging: &mut Staging,
        files: &Files,
        items: &[Item],
        kept: &[bool],
        lock: &Lock,
    ) -> Result<(), Error> {
        let mut puts = Vec::with_capacity(items.len());
        for (item, kept) in items.iter().zip(kept) {
            let put = match item.new {
                None => Put::Nothing,
                Some(id) => {
                    let stat = if *kept { Some(staging::stat(&files.full(&item.path))?) } else { None };
                    Put::Blob { id, stat, executable: item.executable }
                }
            };
            puts.push((item.path.as_str(), put));
        }
        staging.put(&puts);
        staging.write(lock, self.durable)
    }

    /// Puts files and entries back to what they were before a move whose branch did not follow.
    fn undo(&self, items: &[Item], lock: &Lock) -> Result<(), Error> {
        let files = Files::new(self.work_dir());
        let head = super::Snapshot::new(self.repo(), self.head()?.commit, "")?;
        let mut staging = Staging::read(self)?;
        let mut back = Vec::new();
        for item in items {
            // A commit of the user's may have taken the new content in; then it stays.
            if item.new == item.base || head.find(&item.path)? == item.new {
                continue;
            }
            back.push(item);
        }
        self.restore_files(&files, &back)?;
        let mut puts = Vec::new();
        for item in back {
            let entry = staging.entry(&item.path).ok().flatten();
            if entry.map(|entry| entry.id) != item.new {
                continue;
            }
            let put = match item.base {
                None => Put::Nothing,
                Some(id) => {
                    let left_out = entry.is_some_and(|entry| entry.left_out);
                    let stat = if left_out { None } else { staging::stat(&files.full(&item.path)).ok() };
                    Put::Blob { id, stat, executable: self.runs_in_head(&item.path)? }
                }
            };
            puts.push((item.path.as_str(), put));
        }
        if puts.is_empty() {
            return Ok(());
        }
        staging.put(&puts);
        staging.write(lock, self.durable)?;
        lock.publish(self.durable)
    }

    /// Whether the commit has a file as one that can be run.
    fn runs_in_head(&self, path: &str) -> Result<bool, Error> {
        let Some(head) = self.head()?.commit else { return Ok(false) };
        let failed = "the commit's tree is unreadable";
        let tree = self.repo().find_tree(super::snapshot::tree_of(self.repo(), head)?).map_err(gix_error(failed))?;
        let entry = tree.lookup_entry_by_path(path).map_err(gix_error(failed))?;
        Ok(entry.is_some_and(|entry| entry.mode().kind() == gix::objs::tree::EntryKind::BlobExecutable))
    }

    /// Finishes or undoes what a dead run left. Every write does so first; this is for those that choose by what the work tree holds.
    ///
    /// # Errors
    /// When it cannot be put right.
    pub fn settle_dead_run(&self) -> Result<(), Error> {
        if !self.journal_path()?.exists() {
            return Ok(());
        }
        let _turn = self.turn()?;
        self.recover()
    }

    /// Finishes or undoes what a dead run left; our turn must be held.
    pub(crate) fn recover(&self) -> Result<(), Error> {
        let path = self.journal_path()?;
        let Some(journal) = Journal::read(&path)? else { return Ok(()) };
        journal.free_locks(&path, &[self.git_dir(), self.common_dir()])?;
        let head = self.head()?.commit;
        let finished = match (journal.tip, head) {
            (Some(tip), Some(head)) => self.first_parents(head)?.any(|id| id == tip),
            (Some(_), None) => false,
            (None, _) => {
                let staging = Staging::read(self)?;
                let held =
                    |item: &Item| staging.entry(&item.path).is_ok_and(|entry| entry.map(|entry| entry.id) == item.new);
                journal.items.iter().all(held)
            }
        };
        if journal.items.is_empty() {
            // Nothing but locks was taken.
        } else if !finished {
            self.undo(&journal.items, &staging::lock(self)?)?;
        } else if journal.tip.is_none() {
            self.add_notes(&journal.items)?;
        }
        let files = Files::new(self.work_dir());
        for item in &journal.items {
            files.discard(&item.path)?;
        }
        journal::remove(&path)
    }

    /// Remembers that these contents are staged and ours.
    fn add_notes(&self, items: &[Item]) -> Result<(), Error> {
        let mut notes = self.staged_notes()?;
        notes.extend(items.iter().map(|item| (item.path.clone(), item.new)));
        self.note_staged(&notes)
    }

    fn head_blob(&self, id: gix::ObjectId, buffer: &mut Vec<u8>) -> Result<(), Error> {
        use gix::objs::FindExt;
        // An empty blob is found without a look at the buffer, which then still holds the file before.
        buffer.clear();
        let found = self.repo().objects.find_blob(&id, buffer);
        found.map(|_| ()).map_err(gix_error(format!("blob {id} is unreadable")))
    }

    pub(super) fn lock_paths(&self, head: &Head) -> Vec<std::path::PathBuf> {
        let packed = lock_path(&self.common_dir().join("packed-refs"));
        let index = lock_path(&self.repo().index_path());
        let mut paths = vec![index, lock_path(&self.git_dir().join("HEAD")), packed];
        if head.branch.is_some() {
            paths.push(self.branch_lock(head));
        }
        paths.iter().map(|path| super::discover::absolute(path)).collect()
    }

    pub(super) fn branch_lock(&self, head: &Head) -> std::path::PathBuf {
        lock_path(&self.branch_path(head))
    }

    fn branch_path(&self, head: &Head) -> std::path::PathBuf {
        match &head.branch {
            Some(branch) => self.common_dir().join("refs/heads").join(branch),
            None => self.git_dir().join("HEAD"),
        }
    }

    pub(super) fn flush_branch(&self, head: &Head) -> Result<(), Error> {
        match self.branch_path(head).parent() {
            Some(folder) if self.durable => super::files::flush_folder(folder),
            _ => Ok(()),
        }
    }
}

/// Why a move was not made, and whether everything is as it was before.
struct Failure {
    error: Error,
    undone: bool,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, undone: true }
    }
}

fn folders(files: &Files, items: &[&Item]) -> Vec<std::path::PathBuf> {
    files.folders(items.iter().map(|item| item.path.as_str()))
}

fn name(head: &Head) -> String {
    head.branch.clone().or_else(|| head.commit.map(|id| id.to_string())).unwrap_or_default()
}
