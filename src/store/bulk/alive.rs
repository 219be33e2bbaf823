//! Which imports are still running: each holds a lock file, so that the private references of those that were killed can be
//! told apart and cleared away.

use std::fs::File;
use std::path::PathBuf;

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

impl Drop for Alive {
    fn drop(&mut self) {
        // What stays is cleared away by the next import.
        let _ = std::fs::remove_file(&self.path);
    }
}
