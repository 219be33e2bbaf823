//! Files of the work tree, opened beneath its root without following a symbolic link.
//!
//! A record is replaced in two steps, so that many can share one flush of the disk: the new bytes are written beside it under a
//! temporary name, then renamed over it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, ScopedJoinHandle};

use super::error::{Error, io_error};

/// A work tree.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    root: PathBuf,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Missing,
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Symlink,
    /// A device, socket or pipe.
    Other,
}

impl Files {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The path in the file system; only for error texts and for `lstat`.
    pub(crate) fn full(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.root.clone() } else { self.root.join(path) }
    }

    /// What stands at the path itself; its folders are the caller's to look at.
    pub(crate) fn standing(&self, path: &str) -> Result<Standing, Error> {
        let full = self.full(path);
        let kind = match full.symlink_metadata() {
            Ok(meta) => meta.file_type(),
            Err(error) if missing(&error) => return Ok(Standing::Missing),
            Err(error) => return Err(io_error(full)(error)),
        };
        Ok(match () {
            () if kind.is_symlink() => Standing::Symlink,
            () if kind.is_dir() => Standing::Folder,
            () if kind.is_file() => Standing::File,
            () => Standing::Other,
        })
    }

    /// Whether a file that is there can be run as a program by its owner.
    pub(crate) fn runs(&self, path: &str) -> Result<bool, Error> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let full = self.full(path);
            let meta = full.symlink_metadata().map_err(io_error(&full))?;
            Ok(meta.permissions().mode() & 0o100 != 0)
        }
        #[cfg(not(unix))]
        {
            let _ = path;
            Ok(false)
        }
    }

    /// The bytes of a regular file; `None` when there is none.
    pub(crate) fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        let (folder, name) = split(path);
        let mut file = match beneath::open(&self.root, folder, name) {
            Ok(file) => file,
            Err(error) if missing(&error) => return Ok(None),
            Err(error) => return Err(io_error(self.full(path))(error)),
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io_error(self.full(path)))?;
        Ok(Some(bytes))
    }

    /// Writes new bytes beside the path, making its folders; flushes them when `flush` is set.
    pub(crate) fn prepare(&self, path: &str, bytes: &[u8], flush: bool) -> Result<(), Error> {
        let (folder, name) = split(path);
        let write = || -> std::io::Result<()> {
            let temporary = temporary(name);
            // One of a run that was killed; nobody else has such names, and writers take turns.
            beneath::unlink(&self.root, folder, &temporary).or_else(ignore_missing)?;
            let mut file = beneath::create(&self.root, folder, &temporary)?;
            file.write_all(bytes)?;
            if flush { file.sync_all() } else { Ok(()) }
        };
        write().map_err(io_error(self.full(path)))
    }

    /// Lets what was prepared be run by whoever may read it.
    pub(crate) fn let_run(&self, path: &str) -> Result<(), Error> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let (folder, name) = split(path);
            let allow = || -> std::io::Result<()> {
                let file = beneath::open(&self.root, folder, &temporary(name))?;
                let mode = file.metadata()?.permissions().mode();
                file.set_permissions(std::fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
            };
            allow().map_err(io_error(self.full(path)))?;
        }
        Ok(())
    }

    /// Puts what was prepared in place.
    pub(crate) fn replace(&self, path: &str) -> Result<(), Error> {
        let (folder, name) = split(path);
        beneath::rename(&self.root, folder, &temporary(name), name).map_err(io_error(self.full(path)))
    }

    /// Drops what was prepared and not put in place.
    pub(crate) fn discard(&self, path: &str) -> Result<(), Error> {
        let (folder, name) = split(path);
        let dropped = beneath::unlink(&self.root, folder, &temporary(name)).or_else(ignore_missing);
        self.prune(folder);
        dropped.map_err(io_error(self.full(path)))
    }

    /// Removes a file, and the folders that it leaves empty.
    pub(crate) fn remove(&self, path: &str) -> Result<(), Error> {
        let (folder, name) = split(path);
        beneath::unlink(&self.root, folder, name).or_else(ignore_missing).map_err(io_error(self.full(path)))?;
        self.prune(folder);
        Ok(())
    }

    /// The folders above each path, which keep its name.
    pub(crate) fn folders<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Vec<PathBuf> {
        let mut folders: Vec<&str> = paths.flat_map(|path| ancestors(path).chain([""])).collect();
        folders.sort_unstable();
        folders.dedup();
        folders.into_iter().map(|folder| self.full(folder)).collect()
    }

    fn prune(&self, folder: &str) {
        let mut folder = folder;
        // Fails at the first folder that is not empty, which is where to stop.
        while !folder.is_empty() && std::fs::remove_dir(self.full(folder)).is_ok() {
            folder = split(folder).0;
        }
    }
}

/// The folders above a path, innermost first, without the root.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

/// Flushes the names in a folder to the disk.
pub(crate) fn flush_folder(folder: &Path) -> Result<(), Error> {
    if cfg!(windows) {
        return Ok(());
    }
    File::open(folder).and_then(|file| file.sync_all()).map_err(io_error(folder))
}

/// Files and folders on their way to the disk, on threads beside other work.
///
/// One after the other each would wait for a write of the file system's journal of its own; at once they share one.
pub(crate) struct Flush<'scope> {
    paths: Arc<Mutex<Vec<PathBuf>>>,
    threads: Vec<ScopedJoinHandle<'scope, Result<(), Error>>>,
}

/// Threads that flush at once; they wait for the disk, and hardly compute.
const FLUSHERS: usize = 4;

impl<'scope> Flush<'scope> {
    /// Begins to flush; what is not there, or no longer, is passed over.
    pub(crate) fn begin(scope: &'scope Scope<'scope, '_>, paths: Vec<PathBuf>) -> Self {
        let wanted = paths.len().min(FLUSHERS);
        let paths = Arc::new(Mutex::new(paths));
        let spawn = |_| {
            let paths = Arc::clone(&paths);
            std::thread::Builder::new().spawn_scoped(scope, move || flush_each(&paths)).ok()
        };
        // Where no thread can be had, it is all done in `wait`.
        let threads = (0..wanted).map_while(spawn).collect();
        Self { paths, threads }
    }

    /// Waits until everything is on the disk.
    ///
    /// # Errors
    /// The first failure; the rest is flushed all the same.
    pub(crate) fn wait(self) -> Result<(), Error> {
        let mut result = flush_each(&self.paths);
        for thread in self.threads {
            result = result.and(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        result
    }
}

fn flush_each(paths: &Mutex<Vec<PathBuf>>) -> Result<(), Error> {
    let next = || paths.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
    let mut result = Ok(());
    while let Some(path) = next() {
        result = result.and(flush_if_there(&path));
    }
    result
}

fn flush_if_there(path: &Path) -> Result<(), Error> {
    if cfg!(windows) && path.is_dir() {
        return Ok(());
    }
    match File::open(path) {
        Ok(file) => file.sync_all().map_err(io_error(path)),
        Err(error) if missing(&error) => Ok(()),
        Err(error) => Err(io_error(path)(error)),
    }
}

/// Flushes everything on the disk that holds `folder`, in one go; false where the system cannot.
pub(crate) fn flush_disk(folder: &Path) -> Result<bool, Error> {
    #[cfg(target_os = "linux")]
    {
        let file = File::open(folder).map_err(io_error(folder))?;
        rustix::fs::syncfs(&file).map_err(io_error(folder))?;
        Ok(true)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = folder;
        Ok(false)
    }
}

fn temporary(name: &str) -> String {
    format!(".{name}.staple-new")
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

fn ignore_missing(error: std::io::Error) -> std::io::Result<()> {
    if missing(&error) { Ok(()) } else { Err(error) }
}

/// Folder by folder from the root, so that no link is followed even if one is put there meanwhile.
#[cfg(unix)]
mod beneath {
    use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, openat, renameat, unlinkat};
    use std::fs::File;
    use std::io::Result;
    use std::os::fd::OwnedFd;
    use std::path::Path;

    fn folder(root: &Path, folder: &str, make: bool) -> Result<OwnedFd> {
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
        // The root itself may be reached by a link; what lies beneath may not.
        let mut at = rustix::fs::open(root, flags - OFlags::NOFOLLOW, Mode::empty())?;
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            let next = match openat(&at, part, flags, Mode::empty()) {
                Err(rustix::io::Errno::NOENT) if make => {
                    match mkdirat(&at, part, Mode::from_raw_mode(0o777)) {
                        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
                        Err(error) => return Err(error.into()),
                    }
                    openat(&at, part, flags, Mode::empty())?
                }
                other => other?,
            };
            at = next;
        }
        Ok(at)
    }

    pub(super) fn open(root: &Path, inside: &str, name: &str) -> Result<File> {
        let at = folder(root, inside, false)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let file = File::from(openat(&at, name, flags, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Err(std::io::Error::other("not a regular file"));
        }
        Ok(file)
    }

    pub(super) fn create(root: &Path, inside: &str, name: &str) -> Result<File> {
        let at = folder(root, inside, true)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(openat(&at, name, flags, Mode::from_raw_mode(0o666))?))
    }

    pub(super) fn rename(root: &Path, inside: &str, from: &str, to: &str) -> Result<()> {
        let at = folder(root, inside, false)?;
        Ok(renameat(&at, from, &at, to)?)
    }

    pub(super) fn unlink(root: &Path, inside: &str, name: &str) -> Result<()> {
        let at = folder(root, inside, false)?;
        Ok(unlinkat(&at, name, AtFlags::empty())?)
    }
}

#[cfg(not(unix))]
mod beneath {
    use std::fs::File;
    use std::io::Result;
    use std::path::Path;

    pub(super) fn open(root: &Path, inside: &str, name: &str) -> Result<File> {
        File::open(root.join(inside).join(name))
    }

    pub(super) fn create(root: &Path, inside: &str, name: &str) -> Result<File> {
        std::fs::create_dir_all(root.join(inside))?;
        File::create_new(root.join(inside).join(name))
    }

    pub(super) fn rename(root: &Path, inside: &str, from: &str, to: &str) -> Result<()> {
        let at = root.join(inside);
        std::fs::rename(at.join(from), at.join(to))
    }

    pub(super) fn unlink(root: &Path, inside: &str, name: &str) -> Result<()> {
        std::fs::remove_file(root.join(inside).join(name))
    }
}
