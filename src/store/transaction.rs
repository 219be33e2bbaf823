//! One change of the desk: built from what HEAD has, written as one commit, whole or not at all.

use std::cell::RefCell;
use std::collections::BTreeMap;

use gix::ObjectId;

use super::error::Error;
use super::journal::Item;
use super::place::{Begun, Move, Placed, Tip};
use super::snapshot::{Entry, EntryKind};
use super::staging::Staging;
use super::standing::Scene;
use super::trailers::trailers;
use super::{Actor, Head, Snapshot, Store};
use crate::record::time::Time;

/// A file to write or remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Desk-relative path.
    pub path: String,
    /// The whole new content; `None` removes the file.
    pub bytes: Option<Vec<u8>>,
}

/// What the commit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitSpec {
    /// Who made the change; `None` is whom git would name.
    pub author: Option<Actor>,
    /// Who recorded it; `None` is whom git would name.
    pub committer: Option<Actor>,
    /// When it happened.
    pub author_time: Time,
    /// When it was recorded.
    pub committer_time: Time,
    /// The zone's offset east of UTC when it happened, in seconds.
    pub author_offset_seconds: i32,
    /// The zone's offset east of UTC when it was recorded, in seconds; another one where the clocks changed between.
    pub committer_offset_seconds: i32,
    /// The whole message, trailers (`Op-Id:` among them) included.
    pub message: String,
    /// Which of the user's hooks run.
    pub hooks: Hooks,
    /// Whether the commit is signed.
    pub sign: Sign,
}

/// Which of the user's hooks run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hooks {
    /// `commit-msg` alone.
    CommitMsg,
    /// `pre-commit` and `commit-msg`.
    All,
    /// None: imports and replays.
    None,
}

/// Whether commits are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// As the git configuration says; where it asks for signing, an unsigned commit is never made.
    Config,
    /// Never: anonymous proposals and imported history.
    Never,
}

/// The name of one wish to change something, so that a retry finds that it was granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// What the commit's `Op-Id:` line says.
    pub id: String,
    /// The id came from outside, so that it may have been used before; then history is looked through first.
    pub given: bool,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// There was nothing to change.
    Nothing,
    /// It is committed.
    Committed {
        /// The commit.
        commit: ObjectId,
        /// The branch it is on; `None` when HEAD is detached.
        branch: Option<String>,
        /// An earlier run did it.
        already: bool,
    },
    /// It is in the work tree and the staging area.
    Staged,
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TransactError<E: std::error::Error + 'static> {
    /// The change itself was refused.
    #[error(transparent)]
    Build(E),
    /// The repository refused or failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The desk as an edit finds it: HEAD, with our own earlier `--stage` laid over.
pub struct View {
    scene: RefCell<Scene>,
    desk: Snapshot,
    prefix: String,
    head: Head,
}

/// How often a change is made anew because HEAD moved.
pub(crate) const ATTEMPTS: usize = 20;

impl View {
    fn new(store: &Store, head: Head) -> Result<Self, Error> {
        let desk = Snapshot::new(store.repo(), head.commit, store.prefix())?;
        let scene = RefCell::new(Scene::read(store, head.commit)?);
        Ok(Self { scene, desk, prefix: store.prefix().to_owned(), head })
    }

    /// The desk as a branch has it that is not checked out: what is staged here has nothing to do with it.
    pub(crate) fn of_branch(store: &Store, head: Head) -> Result<Self, Error> {
        let view = Self::new(store, head)?;
        view.scene.borrow_mut().notes.clear();
        Ok(view)
    }

    /// Where HEAD is.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// The desk as HEAD has it, without anything staged.
    pub fn snapshot(&self) -> &Snapshot {
        &self.desk
    }

    /// Whether something stands staged by an earlier `--stage`, which an edit sees and a commit of other files leaves out.
    pub fn has_own_staged(&self) -> bool {
        let mut scene = self.scene.borrow_mut();
        let noted: Vec<String> = scene.notes.keys().cloned().collect();
        noted.iter().any(|path| scene.own_staged(path).is_some())
    }

    /// The bytes of a file; `None` when there is none.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.scene.borrow_mut().own_staged(&self.full(path)) {
            Some(None) => Ok(None),
            Some(Some(id)) => self.desk.blob(id).map(Some),
            None => self.desk.read(path),
        }
    }

    /// Whether the staging area has anything at a path, which the commit probably has too; asking costs next to nothing.
    pub fn is_staged(&self, path: &str) -> bool {
        self.scene.borrow().staging.index.entry_by_path(self.full(path).as_str().into()).is_some()
    }

    /// What stands in a folder, "" for the desk's root.
    pub fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let mut entries = self.desk.list(folder)?;
        let inside = match self.full(folder) {
            full if full.is_empty() => full,
            full => full + "/",
        };
        let mut scene = self.scene.borrow_mut();
        let noted: Vec<String> = scene.notes.keys().filter(|path| path.starts_with(&inside)).cloned().collect();
        for path in noted {
            let Some(staged) = scene.own_staged(&path) else { continue };
            let rest = &path[inside.len()..];
            match (rest.split_once('/'), staged) {
                (None, None) => entries.retain(|entry| entry.name != rest),
                (None, Some(id)) => {
                    entries.retain(|entry| entry.name != rest);
                    entries.push(Entry { name: rest.to_owned(), kind: EntryKind::File, id });
                }
                (Some((name, _)), Some(id)) if entries.iter().all(|entry| entry.name != name) => {
                    // The folder has no tree yet; its id is not meant to be read.
                    let id = ObjectId::null(id.kind());
                    entries.push(Entry { name: name.to_owned(), kind: EntryKind::Folder, id });
                }
                _ => {}
            }
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    fn full(&self, path: &str) -> String {
        match (self.prefix.is_empty(), path.is_empty()) {
            (true, _) => path.to_owned(),
            (false, true) => self.prefix.clone(),
            (false, false) => format!("{}/{path}", self.prefix),
        }
    }
}

impl Store {
    /// Commits the change that `build` makes of the desk; `build` runs again when HEAD moved meanwhile.
    ///
    /// What `build` gives is one commit on HEAD's branch, with record files and staging area entries to match; `None`, or
    /// files that already are as they should be, is nothing to do. What the user staged or edited elsewhere stays as it is.
    ///
    /// # Errors
    /// Nothing is changed when the repository is in the middle of a merge or the like, a record has changes of the user's, or
    /// anything fails on the way.
    pub fn transact<E: std::error::Error + 'static>(
        &self,
        operation: &Operation,
        mut build: impl FnMut(&View) -> Result<Option<(Vec<Write>, CommitSpec)>, E>,
    ) -> Result<Outcome, TransactError<E>> {
        let _turn = self.turn()?;
        self.recover()?;
        self.refuse_in_progress()?;
        if operation.given
            && let Some(commit) = self.find_operation(&operation.id)?
        {
            return Ok(Outcome::Committed { commit, branch: self.head()?.branch, already: true });
        }
        for _ in 0..ATTEMPTS {
            let view = View::new(self, self.head()?)?;
            let Some((writes, spec)) = build(&view).map_err(TransactError::Build)? else {
                return Ok(Outcome::Nothing);
            };
            if let Some(outcome) = self.commit(view, writes, &spec)? {
                return Ok(outcome);
            }
        }
        Err(Error::HeadMoved.into())
    }

    /// As [`Store::transact`], but stops before the commit: files and staging area entries only.
    ///
    /// What was staged so is remembered, so that the same record can be changed again before it is committed.
    ///
    /// # Errors
    /// As for [`Store::transact`].
    pub fn stage<E: std::error::Error + 'static>(
        &self,
        mut build: impl FnMut(&View) -> Result<Option<Vec<Write>>, E>,
    ) -> Result<Outcome, TransactError<E>> {
        let _turn = self.turn()?;
        self.recover()?;
        self.refuse_in_progress()?;
        for _ in 0..ATTEMPTS {
            let view = View::new(self, self.head()?)?;
            let Some(writes) = build(&view).map_err(TransactError::Build)? else { return Ok(Outcome::Nothing) };
            let mut written = Vec::new();
            let mut items = self.items(&view, writes, &mut written)?;
            items.retain(|item| item.base != item.new);
            if items.is_empty() {
                return Ok(Outcome::Nothing);
            }
            let step = Move { head: &view.head, items: &items, tip: None, from_head: false };
            if self.place_flushed(&step, view.scene.into_inner().staging, &written)? == Placed::Done {
                return Ok(Outcome::Staged);
            }
        }
        Err(Error::HeadMoved.into())
    }

    /// The commit among the last 1,000 first parents whose message has the line `Op-Id: id`, or one that has the same change by
    /// another way.
    pub fn find_operation(&self, id: &str) -> Result<Option<ObjectId>, Error> {
        self.head()?.commit.map_or(Ok(None), |head| self.find_operation_below(head, id))
    }

    /// As [`Store::find_operation`], below `tip`.
    pub(crate) fn find_operation_below(&self, tip: ObjectId, id: &str) -> Result<Option<ObjectId>, Error> {
        for commit in self.first_parents(tip)? {
            let Ok(found) = self.repo().find_commit(commit) else { break };
            let message = String::from_utf8_lossy(found.message_raw_sloppy()).into_owned();
            if trailers(&message).iter().any(|(key, value)| key.eq_ignore_ascii_case("op-id") && value == id) {
                return Ok(Some(commit));
            }
        }
        Ok(self.applied()?.get(id).copied())
    }

    fn commit(&self, view: View, writes: Vec<Write>, spec: &CommitSpec) -> Result<Option<Outcome>, Error> {
        let mut written = Vec::new();
        let mut items = self.items(&view, writes, &mut written)?;
        // A path whose new content HEAD has already, and nothing of ours is staged, is nothing to do.
        let mut changed = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            let head = view.scene.borrow().head.find(&item.path)?;
            if item.base != item.new || head != item.new {
                changed.push(item);
            }
        }
        let items = changed;
        if items.is_empty() {
            return Ok(Some(Outcome::Nothing));
        }
        let parent = view.head.commit;
        let tree = self.write_tree(parent, &items, &mut written)?;
        let message = self.run_hooks(spec.hooks, &closed(&spec.message), tree)?;
        let (commit, committer) = self.write_commit(tree, parent, &message, spec)?;
        written.push(commit);
        let log = gix::reference::log::message("commit", message.as_str().into(), usize::from(parent.is_some()));
        let tip = Tip { commit, log: log.to_string(), committer };
        let step = Move { head: &view.head, items: &items, tip: Some(tip), from_head: false };
        match self.place_flushed(&step, view.scene.into_inner().staging, &written)? {
            Placed::Moved => Ok(None),
            Placed::Done => {
                // A note that stays names content that is no longer staged, and is passed over.
                let _ = self.forget_notes(&items);
                let branch = view.head.branch.clone();
                Ok(Some(Outcome::Committed { commit, branch, already: false }))
            }
        }
    }

    /// Makes the move while the objects that were written for it go to the disk.
    fn place_flushed(&self, step: &Move<'_>, staging: Staging, written: &[ObjectId]) -> Result<Placed, Error> {
        std::thread::scope(|scope| {
            let objects = self.begin_flush(scope, written)?;
            self.place(step, Begun { staging: Some(staging), objects: Some(objects) })
        })
    }

    /// Writes the blobs of a change and says what each path held before.
    fn items(&self, view: &View, writes: Vec<Write>, written: &mut Vec<ObjectId>) -> Result<Vec<Item>, Error> {
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        for write in writes {
            let path = view.full(&write.path);
            check_path(&path)?;
            let clear = view.scene.borrow_mut().clear(&path)?;
            let (base, executable) = (clear.base, clear.executable);
            let new = match write.bytes {
                None => None,
                Some(bytes) => {
                    let failed = super::gix_error(format!("{path} cannot be stored"));
                    let id = self.repo().write_blob(&bytes).map_err(failed)?.detach();
                    written.push(id);
                    Some(id)
                }
            };
            // The last word on a path counts.
            items.insert(
                path.clone(),
                Item { path, base, new, was_executable: executable, executable, ..Item::default() },
            );
        }
        Ok(items.into_values().collect())
    }

    fn forget_notes(&self, items: &[Item]) -> Result<(), Error> {
        let mut notes = self.staged_notes()?;
        let before = notes.len();
        notes.retain(|path, _| items.iter().all(|item| item.path != *path));
        if notes.len() == before { Ok(()) } else { self.note_staged(&notes) }
    }
}

/// Refuses paths that git or any file system would take for something else, of what we write ourselves.
pub(super) fn check_path(path: &str) -> Result<(), Error> {
    check_parts(path, true)
}

/// As [`check_path`], of what a commit brings along, which anybody may have made: parts of git's own folder and whatever leads
/// out of the work tree. Names that only Windows cannot have are refused there, as git does.
pub(super) fn check_foreign_path(path: &str) -> Result<(), Error> {
    check_parts(path, cfg!(windows))
}

fn check_parts(path: &str, protect_windows: bool) -> Result<(), Error> {
    let options = gix::validate::path::component::Options { protect_windows, ..Default::default() };
    let usable = path.split('/').all(|part| {
        let plain = !part.contains(['\0', '\n', '\r']);
        plain && gix::validate::path::component(part.into(), None, options).is_ok()
    });
    if usable { Ok(()) } else { Err(Error::BadPath { path: path.to_owned() }) }
}

pub(super) fn closed(message: &str) -> String {
    format!("{}\n", message.trim_end())
}
