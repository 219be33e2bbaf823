//! Which imports are still running: each holds a lock file, so that the private references of those that were killed can be
//! told apart and cleared away.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{BulkError, discard};

/// A running import; its lock file goes with it.
pub struct Alive {
    path: PathBuf,
    _lock: File,
}

impl Alive {
    /// Says that the operation `op` is running, and clears away what killed ones left.
    ///
    /// # Errors
    /// When the lock file cannot be made, or references cannot be removed.
    pub(crate) fn begin(repo: &gix::Repository, op: &str) -> Result<Self, BulkError> {
        let folder = repo.common_dir().join("staple");
        let failed = |error: std::io::Error| BulkError::Repository(Box::new(error));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        for entry in std::fs::read_dir(&folder).map_err(failed)?.filter_map(Result::ok) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(old) = name.strip_prefix("import-") else { continue };
            let Ok(file) = File::open(entry.path()) else { continue };
            // The system lets go of a lock when its process ends, however it ends.
            if file.try_lock().is_ok() {
                // So the locks that it held on its references are nobody's any more.
                let folder = repo.common_dir().join("refs/staple");
                remove_locks(&folder.join("import"), |name| name == format!("{old}.lock"));
                remove_locks(&folder.join("import-tags").join(old), |_| true);
                discard(repo, old)?;
                std::fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        let path = folder.join(format!("import-{op}"));
        let lock = File::create(&path).map_err(failed)?;
        lock.lock().map_err(failed)?;
        Ok(Self { path, _lock: lock })
    }
}

/// Removes locks of references in a folder and below it; one that cannot be removed shows when its reference is.
fn remove_locks(folder: &Path, is_wanted: impl Fn(&str) -> bool + Copy) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().is_ok_and(|ty| ty.is_dir()) {
            remove_locks(&entry.path(), is_wanted);
        } else if name.ends_with(".lock") && is_wanted(&name) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        // What stays is cleared away by the next import.
        let _ = std::fs::remove_file(&self.path);
    }
}
