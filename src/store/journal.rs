//! What a write is about to do, noted before it does it, so that the next run can finish or undo what a crash left.
//!
//! One file, `staple/journal` in the git directory of the work tree, made before anything visible changes and removed after
//! all of it has. Writers take turns by `staple/lock` in the common git directory, which the system frees when its holder dies:
//! a journal found while holding that lock belongs to nobody alive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gix::ObjectId;

use super::error::{Error, io_error};
use super::line_ends::LineEnds;
use super::staging::PATIENCE;
use super::{Store, files};

/// One path of a write: what it held, and what it will hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Item {
    /// Repository-relative.
    pub(crate) path: String,
    pub(crate) base: Option<ObjectId>,
    pub(crate) new: Option<ObjectId>,
    /// Whether what it held could be run as a program; known only where commits are landed.
    pub(crate) was_executable: bool,
    pub(crate) executable: bool,
    /// How its lines end in the work tree; known only where commits are landed.
    pub(crate) line_ends: LineEnds,
    /// Sparse checkout leaves it out, which is known only where commits are landed.
    pub(crate) left_out: bool,
}

/// A write under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Journal {
    /// The commit HEAD will be at; `None` when only staging.
    pub(crate) tip: Option<ObjectId>,
    /// Lock files that this write takes.
    pub(crate) locks: Vec<PathBuf>,
    /// Device and inode of the staging area's lock, once taken.
    pub(crate) held: Option<(u64, u64)>,
    pub(crate) items: Vec<Item>,
}

/// The turn to write; given up when dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _file: File,
}

impl Store {
    /// Our own folder in this work tree's git directory, made when missing.
    pub(crate) fn private_dir(&self) -> Result<PathBuf, Error> {
        make(self.git_dir().join("staple"))
    }

    /// Waits for our turn to write, up to [`PATIENCE`].
    pub(crate) fn turn(&self) -> Result<Turn, Error> {
        let path = make(self.common_dir().join("staple"))?.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io_error(&path))?;
        let step = Duration::from_millis(5);
        let mut waited = Duration::ZERO;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Turn { _file: file }),
                Err(std::fs::TryLockError::Error(error)) => return Err(io_error(path)(error)),
                Err(std::fs::TryLockError::WouldBlock) if waited >= PATIENCE => return Err(Error::Locked { path }),
                Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(step),
            }
            waited += step;
        }
    }

    /// Where the journal stands.
    pub(crate) fn journal_path(&self) -> Result<PathBuf, Error> {
        Ok(self.private_dir()?.join("journal"))
    }

    /// The contents that earlier runs staged and did not commit, by repository-relative path; `None` is a staged removal.
    pub(crate) fn staged_notes(&self) -> Result<BTreeMap<String, Option<ObjectId>>, Error> {
        let path = self.git_dir().join("staple/staged");
        let text = read_text(&path)?.unwrap_or_default();
        Ok(text.lines().filter_map(|line| line.split_once(' ')).map(|(id, path)| (path.to_owned(), hex(id))).collect())
    }

    /// Remembers that operations of commits that were not put on top of `theirs` are done there all the same.
    ///
    /// # Errors
    /// When a commit cannot be read or the note cannot be written.
    pub fn note_applied(&self, commits: &[(ObjectId, Option<ObjectId>)], theirs: ObjectId) -> Result<(), Error> {
        let mut known = self.applied()?;
        let before = known.len();
        for (commit, _) in commits.iter().filter(|(_, new)| new.is_none()) {
            let message = self.commit_info(*commit)?.message;
            let found = super::trailers::trailers(&message).into_iter();
            let ids = found.filter(|(key, _)| key.eq_ignore_ascii_case("op-id")).map(|(_, id)| id);
            known.extend(ids.map(|id| (id, theirs)));
        }
        if known.len() == before {
            return Ok(());
        }
        let text: String = known.iter().map(|(id, commit)| format!("{commit} {id}\n")).collect();
        self.write_shared("applied", &text)
    }

    /// Replaces a file of ours that all work trees share.
    pub(crate) fn write_shared(&self, name: &str, text: &str) -> Result<(), Error> {
        write(&make(self.common_dir().join("staple"))?.join(name), text.as_bytes(), self.durable)
    }

    /// The operations that [`Store::note_applied`] remembers, and commits that have what they did.
    pub(crate) fn applied(&self) -> Result<BTreeMap<String, ObjectId>, Error> {
        let text = read_text(&self.common_dir().join("staple/applied"))?.unwrap_or_default();
        let line = |line: &str| line.split_once(' ').and_then(|(commit, id)| Some((id.to_owned(), hex(commit)?)));
        Ok(text.lines().filter_map(line).collect())
    }

    /// Replaces the notes of what was staged.
    pub(crate) fn note_staged(&self, notes: &BTreeMap<String, Option<ObjectId>>) -> Result<(), Error> {
        let path = self.private_dir()?.join("staged");
        if notes.is_empty() {
            return remove(&path);
        }
        let text: String = notes.iter().map(|(path, id)| format!("{} {path}\n", dashed(*id))).collect();
        write(&path, text.as_bytes(), self.durable)
    }
}

impl Journal {
    /// Puts the journal on the disk.
    pub(crate) fn begin(&self, path: &Path, durable: bool) -> Result<(), Error> {
        let mut text = format!("staple-journal 1\ntip {}\n", dashed(self.tip));
        for lock in &self.locks {
            text.push_str(&format!("lock {}\n", lock.display()));
        }
        for item in &self.items {
            text.push_str(&format!("item {} {} {}\n", dashed(item.base), dashed(item.new), item.path));
        }
        write(path, text.as_bytes(), durable)
    }

    /// Adds which file the staging area's lock is, so that it can be told from one that git made later.
    pub(crate) fn holds(path: &Path, lock: &Path) -> Result<(), Error> {
        let (device, inode) = identity(lock).map_err(io_error(lock))?;
        let mut file = File::options().append(true).open(path).map_err(io_error(path))?;
        file.write_all(format!("held {device} {inode}\n").as_bytes()).map_err(io_error(path))
    }

    /// Reads what a dead run left; `None` when it left nothing.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, Error> {
        let Some(text) = read_text(path)? else { return Ok(None) };
        let mut journal = Self::default();
        for line in text.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "tip" => journal.tip = hex(rest),
                "lock" => journal.locks.push(PathBuf::from(rest)),
                "held" => {
                    let ids = rest.split_once(' ');
                    journal.held = ids.and_then(|(device, inode)| Some((device.parse().ok()?, inode.parse().ok()?)));
                }
                "item" => {
                    let mut parts = rest.splitn(3, ' ');
                    if let (Some(base), Some(new), Some(path)) = (parts.next(), parts.next(), parts.next()) {
                        let (base, new) = (hex(base), hex(new));
                        journal.items.push(Item { path: path.to_owned(), base, new, ..Item::default() });
                    }
                }
                _ => {}
            }
        }
        Ok(Some(journal))
    }

    /// Removes the lock files that the dead run left, and only those; locks lie in git's own `folders`. Both may be named by way of
    /// a link, or of a linked work tree's folder.
    pub(crate) fn free_locks(&self, path: &Path, folders: &[&Path]) -> Result<(), Error> {
        let begun = path.metadata().and_then(|meta| meta.modified()).map_err(io_error(path))?;
        let tip = self.tip.map(|id| id.to_string());
        let folders: Vec<PathBuf> = folders.iter().filter_map(|folder| folder.canonicalize().ok()).collect();
        let is_gits = |lock: &PathBuf| {
            let home = lock.parent().and_then(|home| home.canonicalize().ok());
            home.is_some_and(|home| folders.iter().any(|folder| home.starts_with(folder))) && lock.file_name().is_some()
        };
        for lock in self.locks.iter().filter(|lock| is_gits(lock) && lock.exists()) {
            let held = identity(lock).ok();
            let content = std::fs::read(lock).unwrap_or_default();
            let ours = tip.as_ref().is_some_and(|tip| content.trim_ascii() == tip.as_bytes());
            if (ours || held.is_some() && held == self.held) || lingers(lock, begun) {
                remove(lock)?;
            }
        }
        Ok(())
    }
}

/// A lock made after the journal that says nothing of its maker is ours if it does not go away: we were killed between making
/// and marking it. A git that lives is done with its locks in less.
fn lingers(lock: &Path, begun: std::time::SystemTime) -> bool {
    let before = identity(lock).ok();
    let newer = lock.metadata().and_then(|meta| meta.modified()).is_ok_and(|time| time >= begun);
    if before.is_none() || !newer {
        return false;
    }
    std::thread::sleep(Duration::from_secs(1));
    identity(lock).ok() == before && lock.metadata().is_ok_and(|meta| meta.len() == 0)
}

#[cfg(unix)]
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.symlink_metadata().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    path.symlink_metadata().map(|meta| (0, meta.len()))
}

fn make(folder: PathBuf) -> Result<PathBuf, Error> {
    std::fs::create_dir_all(&folder).map_err(io_error(&folder))?;
    Ok(folder)
}

/// Replaces a file of ours whole.
pub(crate) fn write(path: &Path, bytes: &[u8], durable: bool) -> Result<(), Error> {
    let temporary = path.with_extension("new");
    let fill = || -> std::io::Result<()> {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        if durable {
            file.sync_all()?;
        }
        std::fs::rename(&temporary, path)
    };
    fill().map_err(io_error(path))?;
    match path.parent() {
        Some(folder) if durable => files::flush_folder(folder),
        _ => Ok(()),
    }
}

/// Removes a file if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_error(path)(error)),
        _ => Ok(()),
    }
}

/// The text of a file; nothing when it is not there.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(path)(error)),
    }
}

fn dashed(id: Option<ObjectId>) -> String {
    id.map_or_else(|| "-".to_owned(), |id| id.to_string())
}

fn hex(text: &str) -> Option<ObjectId> {
    ObjectId::from_hex(text.as_bytes()).ok()
}
