//! Whether a path may be written: what the commit, the staging area and the work tree hold there.

use std::collections::{BTreeMap, HashSet};

use gix::ObjectId;

use super::error::{Error, gix_error, io_error};
use super::files::{Files, Standing, ancestors};
use super::snapshot::EntryKind;
use super::staging::{Entry, Staging, stat};
use super::working_tree::LARGEST_RECORD;
use super::{Snapshot, Store};

/// The three places a record can be in, read at one moment.
pub(crate) struct Scene {
    pub(crate) head: Snapshot,
    pub(crate) staging: Staging,
    pub(crate) notes: BTreeMap<String, Option<ObjectId>>,
    files: Files,
    stat_options: gix::index::entry::stat::Options,
    hash: gix::hash::Kind,
    looks_at_modes: bool,
    known_folders: HashSet<String>,
}

/// What is in the way at a path of the work tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// Nothing but what git has there, edited or not.
    None,
    /// Something that git does not know: untracked or ignored.
    Unknown,
    /// Something else than git has there, such as a link in place of a folder.
    Replaced,
}

impl Store {
    /// Whether the staging area has anything that the commit has not; false where that cannot be seen.
    pub fn has_staged(&self) -> bool {
        let Ok(git) = self.git() else { return false };
        let mut command = git.command(self.work_dir());
        command.args(["diff", "--cached", "--quiet", "--no-ext-diff"]);
        command.status().is_ok_and(|status| status.code() == Some(1))
    }

    /// Whether what stands at a repository-relative path is something of the user's alone.
    ///
    /// # Errors
    /// When the path or the staging area cannot be read.
    pub fn obstacle(&self, path: &str) -> Result<Obstacle, Error> {
        use gix::index::entry::Mode;
        let staging = Staging::read(self)?;
        let known = match staging.index.entry_by_path(path.into()).map(|entry| entry.mode) {
            Some(Mode::SYMLINK) => Some(Standing::Symlink),
            Some(Mode::COMMIT) => Some(Standing::Folder),
            Some(_) => Some(Standing::File),
            None => {
                let below = staging.index.prefixed_entries(format!("{path}/").as_str().into());
                below.is_some_and(|entries| !entries.is_empty()).then_some(Standing::Folder)
            }
        };
        Ok(match (Files::new(self.work_dir()).standing(path)?, known) {
            (Standing::Missing, _) => Obstacle::None,
            (standing, Some(known)) if standing == known => Obstacle::None,
            (_, None) => Obstacle::Unknown,
            (_, Some(_)) => Obstacle::Replaced,
        })
    }
}

/// A path that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clear {
    /// What an edit starts from: the commit's blob, or our own earlier staged one.
    pub(crate) base: Option<ObjectId>,
    /// Sparse checkout leaves the file out.
    pub(crate) left_out: bool,
    /// The file can be run as a program, and stays so.
    pub(crate) executable: bool,
}

impl Scene {
    /// The scene with HEAD at `commit`.
    pub(crate) fn read(store: &Store, commit: Option<ObjectId>) -> Result<Self, Error> {
        Self::with(store, commit, Staging::read(store)?)
    }

    /// The same with a staging area that was read already.
    pub(crate) fn with(store: &Store, commit: Option<ObjectId>, staging: Staging) -> Result<Self, Error> {
        Ok(Self {
            head: Snapshot::new(store.repo(), commit, "")?,
            staging,
            notes: store.staged_notes()?,
            files: Files::new(store.work_dir()),
            stat_options: store.repo().stat_options().map_err(gix_error("the configuration is wrong"))?,
            hash: store.repo().object_hash(),
            looks_at_modes: store.repo().config_snapshot().boolean("core.fileMode").unwrap_or(cfg!(unix)),
            known_folders: HashSet::new(),
        })
    }

    /// Looks at a repository-relative path.
    ///
    /// # Errors
    /// When the user has changes there that are not committed, the path is unmerged, or it leads through a link.
    pub(crate) fn clear(&mut self, path: &str) -> Result<Clear, Error> {
        let head = self.head.entry(path)?;
        self.clear_from(path, head)
    }

    /// The same for a path whose entry in the commit is known already.
    pub(crate) fn clear_from(&mut self, path: &str, head: Option<(EntryKind, ObjectId)>) -> Result<Clear, Error> {
        for folder in ancestors(path) {
            self.check_folder(folder)?;
        }
        let head = match head {
            None => None,
            Some((kind, id)) if kind.is_file() => Some((kind == EntryKind::Program, id)),
            Some((EntryKind::Symlink, _)) => return Err(Error::Symlink { path: path.to_owned() }),
            Some(_) => return Err(Error::InTheWay { path: path.to_owned() }),
        };
        let entry = self.staging.entry(path)?;
        let standing = self.files.standing(path)?;
        match standing {
            Standing::Symlink => return Err(Error::Symlink { path: path.to_owned() }),
            Standing::Folder | Standing::Other => return Err(Error::InTheWay { path: path.to_owned() }),
            Standing::Missing | Standing::File => {}
        }
        let present = standing == Standing::File;
        let left_out = match &entry {
            Some(entry) => entry.left_out && !present,
            None => !present && self.staging.leaves_out(path),
        };
        let staged_id = entry.map(|entry| entry.id);
        let (head, runs_in_head) = (head.map(|(_, id)| id), head.is_some_and(|(runs, _)| runs));
        let executable = entry.map_or(runs_in_head, |entry| entry.executable);
        let mode_staged = entry.is_some() && head.is_some() && executable != runs_in_head;
        let staged = staged_id != head || mode_staged || entry.is_some_and(|entry| entry.intent);
        let edited = match entry {
            Some(entry) if present => !self.holds(path, &entry)? || self.mode_differs(path, entry.executable)?,
            Some(_) => !left_out,
            None => present,
        };
        let noted = self.notes.get(path).is_some_and(|note| *note == staged_id);
        if edited || (staged && !noted) {
            return Err(Error::Uncommitted { path: path.to_owned(), staged, edited });
        }
        Ok(Clear { base: staged_id, left_out, executable })
    }

    /// Our own earlier staged content of a path: `Some(None)` is a removal.
    pub(crate) fn own_staged(&mut self, path: &str) -> Option<Option<ObjectId>> {
        let note = *self.notes.get(path)?;
        let clear = self.clear(path).ok()?;
        (clear.base == note).then_some(note)
    }

    /// Whether the file holds the blob of its entry, but for line endings that a checkout may have changed.
    fn holds(&self, path: &str, entry: &Entry) -> Result<bool, Error> {
        let now = stat(&self.files.full(path))?;
        if self.staging.proves(entry, &now, self.stat_options) {
            return Ok(true);
        }
        if self.is_far_longer(path, entry.id) {
            return Ok(false);
        }
        let Some(bytes) = self.files.read(path)? else { return Ok(false) };
        same_content(&bytes, entry.id, self.hash)
    }

    /// Whether the file can be run and its entry cannot, or the other way round; nowhere where git does not look at modes.
    fn mode_differs(&self, path: &str, executable: bool) -> Result<bool, Error> {
        Ok(self.looks_at_modes && self.files.runs(path)? != executable)
    }

    /// Whether the file is so much longer than the blob that no line ends account for it, which is known without reading it: it may
    /// be larger than memory.
    fn is_far_longer(&self, path: &str, id: ObjectId) -> bool {
        let Ok(meta) = self.files.full(path).symlink_metadata() else { return false };
        meta.len() > LARGEST_RECORD && self.head.size(id).is_some_and(|size| meta.len() / 2 > size)
    }

    fn check_folder(&mut self, folder: &str) -> Result<(), Error> {
        if self.known_folders.contains(folder) {
            return Ok(());
        }
        match self.head.entry(folder)? {
            None | Some((EntryKind::Folder, _)) => {}
            Some((EntryKind::Symlink, _)) => return Err(Error::Symlink { path: folder.to_owned() }),
            Some(_) => return Err(Error::InTheWay { path: folder.to_owned() }),
        }
        self.staging.check_folder(folder)?;
        match self.files.standing(folder)? {
            Standing::Missing | Standing::Folder => {}
            Standing::Symlink => return Err(Error::Symlink { path: folder.to_owned() }),
            Standing::File | Standing::Other => return Err(Error::InTheWay { path: folder.to_owned() }),
        }
        self.known_folders.insert(folder.to_owned());
        Ok(())
    }
}

/// Whether `bytes` are the blob `id`, as they are or with every CRLF as LF.
pub(crate) fn same_content(bytes: &[u8], id: ObjectId, hash: gix::hash::Kind) -> Result<bool, Error> {
    if blob_id(bytes, hash)? == id {
        return Ok(true);
    }
    let unix = without_carriage_returns(bytes);
    Ok(unix.len() != bytes.len() && blob_id(&unix, hash)? == id)
}

/// The blob that `bytes` would be.
pub(crate) fn blob_id(bytes: &[u8], hash: gix::hash::Kind) -> Result<ObjectId, Error> {
    gix::objs::compute_hash(hash, gix::objs::Kind::Blob, bytes)
        .map_err(|error| io_error("blob")(std::io::Error::other(error.to_string())))
}

/// Every CRLF as LF.
pub(crate) fn without_carriage_returns(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if !(*byte == b'\r' && bytes.get(at + 1) == Some(&b'\n')) {
            out.push(*byte);
        }
    }
    out
}
