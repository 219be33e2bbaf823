//! The staging area: what stands in it, and changing single entries of it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::index::entry::{Flags, Mode, Stage, Stat};

use super::error::{Error, gix_error, io_error};
use super::file_state::FileState;
use super::files::ancestors;
use super::{Store, files};

/// How long to wait for a lock that someone else holds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The staging area as it was read, never a sparse one.
pub(crate) struct Staging {
    pub(crate) index: gix::index::File,
    /// The file it was read from; `None` when it is not known to be that file's content.
    source: Option<Source>,
}

/// A file in a state. It is kept open, so that its inode goes to no other file.
struct Source {
    file: std::fs::File,
    state: FileState,
}

/// One entry of the staging area.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) id: ObjectId,
    pub(crate) stat: Stat,
    /// It can be run as a program.
    pub(crate) executable: bool,
    /// Sparse checkout leaves the file out.
    pub(crate) left_out: bool,
    /// `git add --intent-to-add`: nothing is staged yet.
    pub(crate) intent: bool,
}

impl Entry {
    pub(crate) fn of(entry: &gix::index::Entry) -> Self {
        Self {
            id: entry.id,
            stat: entry.stat,
            executable: entry.mode == Mode::FILE_EXECUTABLE,
            left_out: entry.flags.contains(Flags::SKIP_WORKTREE),
            intent: entry.flags.contains(Flags::INTENT_TO_ADD),
        }
    }
}

/// What an entry is to become.
pub(crate) enum Put {
    /// This blob, and the state of its file unless sparse checkout leaves it out.
    Blob { id: ObjectId, stat: Option<Stat>, executable: bool },
    /// Gone.
    Nothing,
}

impl Staging {
    /// Reads the staging area, and checks that it is whole, for writing it again; an empty one when there is none.
    pub(crate) fn read(store: &Store) -> Result<Self, Error> {
        let (index, source) = read(store, &store.repo().index_path())?;
        Self::expanded(store, index, source)
    }

    /// Reads the staging area to compare with it and no more. Its checksum is left alone, as git leaves it: on a large desk that
    /// would take longer than everything else.
    pub(crate) fn glance(store: &Store) -> Result<Self, Error> {
        let index = decode(store, &store.repo().index_path(), Checksum::Skipped)?;
        Self::expanded(store, index, None)
    }

    /// What was read, with each folder that stands in it as a single entry opened.
    fn expanded(store: &Store, index: gix::index::File, source: Option<Source>) -> Result<Self, Error> {
        if !index.is_sparse() {
            return Ok(Self { index, source });
        }
        let path = store.repo().index_path();
        // Folders stand in a sparse one as single entries that only git knows how to open.
        let copy = store.private_dir()?.join(format!("index-{}", std::process::id()));
        let git = store.git()?;
        let expanded = std::fs::copy(&path, &copy).map_err(io_error(&copy)).and_then(|_| {
            let mut command = git.command(store.work_dir());
            command.env("GIT_INDEX_FILE", &copy);
            git.finish(command.args(["-c", "index.sparse=false", "update-index", "--force-write-index"]))?;
            read(store, &copy)
        });
        let _ = std::fs::remove_file(&copy);
        let (mut expanded, _) = expanded?;
        expanded.set_timestamp(index.timestamp());
        Ok(Self { index: expanded, source: None })
    }

    /// The staging area as it is now: as it was read `before`, where nobody has replaced or written it since.
    pub(crate) fn read_again(store: &Store, before: Self) -> Result<Self, Error> {
        let same = before.source.as_ref().is_some_and(|source| source.is_still_at(&store.repo().index_path()));
        if same { Ok(before) } else { Self::read(store) }
    }

    /// The entry of a path.
    ///
    /// # Errors
    /// When the path is unmerged, or something other than a regular file is staged there or at a folder of it.
    pub(crate) fn entry(&self, path: &str) -> Result<Option<Entry>, Error> {
        let name = path.as_bytes().as_bstr();
        for stage in [Stage::Base, Stage::Ours, Stage::Theirs] {
            if self.index.entry_index_by_path_and_stage(name, stage).is_some() {
                return Err(Error::Unmerged { path: path.to_owned() });
            }
        }
        if self.index.path_is_directory(name) {
            return Err(Error::InTheWay { path: path.to_owned() });
        }
        let Some(entry) = self.index.entry_by_path_and_stage(name, Stage::Unconflicted) else { return Ok(None) };
        match entry.mode {
            Mode::FILE | Mode::FILE_EXECUTABLE => {}
            Mode::SYMLINK => return Err(Error::Symlink { path: path.to_owned() }),
            _ => return Err(Error::InTheWay { path: path.to_owned() }),
        }
        Ok(Some(Entry::of(entry)))
    }

    /// Refuses a file or link that is staged where a folder is wanted.
    pub(crate) fn check_folder(&self, folder: &str) -> Result<(), Error> {
        match self.index.entry_by_path(folder.as_bytes().as_bstr()) {
            None => Ok(()),
            Some(entry) if entry.mode == Mode::SYMLINK => Err(Error::Symlink { path: folder.to_owned() }),
            Some(_) => Err(Error::InTheWay { path: folder.to_owned() }),
        }
    }

    /// Whether sparse checkout leaves a new file out, going by its nearest neighbours.
    pub(crate) fn leaves_out(&self, path: &str) -> bool {
        for folder in ancestors(path) {
            let inside = format!("{folder}/");
            if let Some(entries) = self.index.prefixed_entries(inside.as_bytes().as_bstr()) {
                return entries.iter().all(|entry| entry.flags.contains(Flags::SKIP_WORKTREE));
            }
        }
        false
    }

    /// Whether the cached state of the file proves that it still holds the entry's blob.
    pub(crate) fn proves(&self, entry: &Entry, stat: &Stat, options: gix::index::entry::stat::Options) -> bool {
        let smudged = entry.stat.size == 0;
        !smudged && entry.stat.matches(stat, options) && !stat.is_racy(self.index.timestamp(), options)
    }

    /// Changes entries.
    pub(crate) fn put(&mut self, puts: &[(&str, Put)]) {
        let mut fresh = Vec::new();
        let mut gone = std::collections::HashSet::new();
        for (path, put) in puts {
            let name = path.as_bytes().as_bstr();
            match put {
                Put::Nothing => {
                    gone.insert(name);
                }
                Put::Blob { id, stat, executable } => {
                    let mode = if *executable { Mode::FILE_EXECUTABLE } else { Mode::FILE };
                    match self.index.entry_mut_by_path_and_stage(name, Stage::Unconflicted) {
                        Some(entry) => {
                            entry.id = *id;
                            entry.mode = mode;
                            entry.flags.remove(Flags::INTENT_TO_ADD);
                            entry.stat = stat.unwrap_or_default();
                        }
                        None => fresh.push((name, *id, *stat, mode)),
                    }
                }
            }
        }
        let sort = !fresh.is_empty();
        for (name, id, stat, mode) in fresh {
            let flags = if stat.is_none() { Flags::SKIP_WORKTREE | Flags::EXTENDED } else { Flags::empty() };
            self.index.dangerously_push_entry(stat.unwrap_or_default(), id, flags, mode, name);
        }
        if sort {
            self.index.sort_entries();
        }
        if !gone.is_empty() {
            self.index.remove_entries(|_, name, _| gone.contains(name));
        }
    }

    /// Writes the staging area anew, beside the present one; [`Lock::publish`] puts it in place.
    pub(crate) fn write(&mut self, lock: &Lock, durable: bool) -> Result<(), Error> {
        // A tree cache that no longer fits would make the user's next commit drop what was changed here.
        self.index.remove_tree();
        let timestamp = self.index.timestamp();
        // A file changed within the tick of the last write looks unchanged by time alone; the new write's later time would
        // hide that for ever.
        for entry in self.index.entries_mut() {
            if entry.stat.is_racy(timestamp, Default::default()) {
                entry.stat.size = 0;
            }
        }
        let path = lock.fresh();
        let file = std::fs::File::create(&path).map_err(io_error(&path))?;
        // Hashed and written in large pieces: an entry is given in a dozen small ones.
        let hashing = gix::hash::io::Write::new(&file, self.index.object_hash());
        let mut out = std::io::BufWriter::with_capacity(64 * 1024, hashing);
        let state: &gix::index::State = &self.index;
        state.write_to(&mut out, Default::default()).map_err(gix_error("the staging area cannot be written"))?;
        let hashing = out.into_inner().map_err(|error| io_error(&path)(error.into_error()))?;
        let checksum = hashing.hash.try_finalize().map_err(gix_error("the staging area cannot be written"))?;
        (&file).write_all(checksum.as_slice()).map_err(io_error(&path))?;
        // Others may share the repository.
        if let Ok(meta) = lock.resource.metadata() {
            file.set_permissions(meta.permissions()).map_err(io_error(&path))?;
        }
        if durable { file.sync_all().map_err(io_error(&path)) } else { Ok(()) }
    }
}

/// Git's own lock of the staging area, held until dropped.
///
/// Git reads the staging area before it locks it, and writes back what it read (`git commit` does, 2.47). So the lock is not
/// given up by renaming it over the staging area, as git does, but held on for a while: a git that read the old one finds it and
/// stops, where it would undo our entry silently.
pub(crate) struct Lock {
    _marker: gix::lock::Marker,
    pub(crate) path: PathBuf,
    resource: PathBuf,
    published: std::cell::Cell<Option<std::time::Instant>>,
}

impl Lock {
    fn fresh(&self) -> PathBuf {
        let mut name = self.resource.as_os_str().to_owned();
        name.push(".staple-new");
        name.into()
    }

    /// Puts what was written in the staging area's place.
    pub(crate) fn publish(&self, durable: bool) -> Result<(), Error> {
        std::fs::rename(self.fresh(), &self.resource).map_err(io_error(&self.resource))?;
        self.published.set(Some(std::time::Instant::now()));
        match self.resource.parent() {
            Some(folder) if durable => files::flush_folder(folder),
            _ => Ok(()),
        }
    }

    /// Waits until a git that read the old staging area of so many entries must have come to lock it; not where there are no
    /// `readers`, as none was running after the new one was published.
    pub(crate) fn outlast_readers(&self, entries: usize, readers: bool) {
        if !readers {
            return;
        }
        let needed = Duration::from_millis(5) + Duration::from_micros(entries as u64).min(Duration::from_millis(100));
        if let Some(published) = self.published.get() {
            std::thread::sleep(needed.saturating_sub(published.elapsed()));
        }
    }
}

/// Takes git's own lock of the staging area.
pub(crate) fn lock(store: &Store) -> Result<Lock, Error> {
    let resource = store.repo().index_path();
    let path = lock_path(&resource);
    let wait = gix::lock::acquire::Fail::AfterDurationWithBackoff(PATIENCE);
    match gix::lock::Marker::acquire_to_hold_resource(&resource, wait, None, 0) {
        Ok(marker) => Ok(Lock { _marker: marker, path, resource, published: Default::default() }),
        Err(error) if error.is_retryable() => Err(Error::Locked { path }),
        Err(error) => Err(gix_error("the staging area cannot be locked")(error)),
    }
}

/// Where git's lock of a file stands.
pub(crate) fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// The state of a file as the staging area notes it.
pub(crate) fn stat(full: &Path) -> Result<Stat, Error> {
    let meta = gix::index::fs::Metadata::from_path_no_follow(full).map_err(io_error(full))?;
    Stat::from_fs(&meta).map_err(|_| Error::Io {
        path: full.to_owned(),
        source: std::io::Error::other("the file's time cannot be represented"),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Checksum {
    Verified,
    Skipped,
}

fn decode(store: &Store, path: &Path, checksum: Checksum) -> Result<gix::index::File, Error> {
    let skip = checksum == Checksum::Skipped;
    let read = gix::index::File::at_or_default(path, store.repo().object_hash(), skip, Default::default());
    read.map_err(gix_error("the staging area is unreadable"))
}

/// Reads a staging area, and checks what it says of itself, on two threads; also the file that it was read from.
fn read(store: &Store, path: &Path) -> Result<(gix::index::File, Option<Source>), Error> {
    let hash = store.repo().object_hash();
    let Some(source) = Source::open(path) else { return Ok((decode(store, path, Checksum::Verified)?, None)) };
    let (checked, decoded) = std::thread::scope(|scope| {
        let check = std::thread::Builder::new().spawn_scoped(scope, || source.is_whole(hash));
        let decoded = decode(store, path, Checksum::Skipped);
        // Without a thread it is not checked on the side.
        (check.is_ok_and(|check| check.join().unwrap_or(false)), decoded)
    });
    // What could not be checked on the side is read as ever, which says what is wrong with it.
    if checked && source.is_still_at(path) {
        Ok((decoded?, Some(source)))
    } else {
        Ok((decode(store, path, Checksum::Verified)?, None))
    }
}

impl Source {
    /// The file at a path in its present state; `None` where it cannot be opened or told from others.
    fn open(path: &Path) -> Option<Self> {
        if cfg!(not(unix)) {
            return None;
        }
        let file = std::fs::File::open(path).ok()?;
        let state = FileState::of(&file.metadata().ok()?);
        Some(Self { file, state })
    }

    /// Whether the file at a path is this one, and as it was: whoever changes a staging area puts another file in its place.
    fn is_still_at(&self, path: &Path) -> bool {
        path.metadata().is_ok_and(|meta| FileState::of(&meta) == self.state)
    }

    /// Whether the file ends in the checksum of what stands before it, or in none (`index.skipHash`).
    fn is_whole(&self, hash: gix::hash::Kind) -> bool {
        let mut file = &self.file;
        let Some(length) = self.state.size().checked_sub(hash.len_in_bytes() as u64) else { return false };
        let found = gix::hash::bytes(&mut file, length, hash, &mut gix::progress::Discard, &AtomicBool::new(false));
        let mut noted = Vec::new();
        if file.read_to_end(&mut noted).is_err() || noted.len() != hash.len_in_bytes() {
            return false;
        }
        let noted = ObjectId::from_bytes_or_panic(&noted);
        noted.is_null() || found.is_ok_and(|found| found == noted)
    }
}
