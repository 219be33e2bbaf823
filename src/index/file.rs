//! The index file: where it lies, how it is opened, and when it is thrown away.
//!
//! The file is derived, so whatever is odd about it ends it: another owner, a link in its place, other tables than ours, damage.
//! Everybody who has it open holds a shared lock beside it; only who holds that lock alone may put another file in its place,
//! because SQLite joins a database and its log by name.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::IndexError;
use super::schema;
use crate::store::layout::flat;

/// How long to wait for another process that writes the index.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Pages in the log before they are moved into the database; each opening reads the log through.
const LOG_PAGES: i64 = 200;

/// Where the index of a desk lies.
#[derive(Debug, Clone)]
pub(super) struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    /// The place for the desk at `prefix` in a work tree with the git directory `git_dir`.
    pub(super) fn new(git_dir: &Path, prefix: &str) -> Self {
        let name = if prefix.is_empty() { "index".to_owned() } else { format!("index-{}", flat(prefix)) };
        Self { folder: git_dir.join("staple"), name }
    }

    fn database(&self) -> PathBuf {
        self.folder.join(format!("{}.sqlite", self.name))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    /// Opens the index that is there; nothing when there is none that is ours.
    ///
    /// # Errors
    /// When the place cannot be used at all, as in a repository that cannot be written.
    pub(super) fn open(&self) -> Result<Option<Opened>, IndexError> {
        let guard = self.lock("lock", false)?;
        let path = self.database();
        if !is_ours(&path) {
            return Ok(None);
        }
        let Ok(connection) = connect(&path) else { return Ok(None) };
        if !has_our_tables(&connection) {
            return Ok(None);
        }
        Ok(Some(Opened { connection, _guard: guard }))
    }

    /// Makes an index with what `fill` puts into it, in the place of any that is there.
    ///
    /// # Errors
    /// When the place cannot be written, when others have the old one open for too long, or when `fill` fails.
    pub(super) fn replace(
        &self,
        fill: impl FnOnce(&mut Connection) -> Result<(), IndexError>,
    ) -> Result<(), IndexError> {
        if self.database().symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            // What cannot be put there need not be made.
            return Err(IndexError::Place(std::io::ErrorKind::IsADirectory.into()));
        }
        let _builders = self.join_builders()?;
        let building = self.begin()?;
        let made = make(&building, fill);
        let placed = made.and_then(|()| self.put(&building));
        let _ = std::fs::remove_file(&building);
        placed
    }

    /// The lock that all who build an index share. Who has it alone knows that nobody builds, and clears up after those that
    /// were killed.
    fn join_builders(&self) -> Result<File, IndexError> {
        if let Some(_alone) = self.try_lock_alone("builders")? {
            let start = format!("{}.building-", self.name);
            for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
                if entry.file_name().to_str().is_some_and(|name| name.starts_with(&start)) {
                    let _ = std::fs::remove_file(entry.path());
                }
            }
        }
        self.lock("builders", false)
    }

    /// Makes an empty file of our own to build in; what lies there already is never opened.
    fn begin(&self) -> Result<PathBuf, IndexError> {
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        for number in 0.. {
            let path = self.beside(&format!("building-{}-{number}", std::process::id()));
            match options.open(&path) {
                Ok(_) => return Ok(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && number < 1_000 => {}
                Err(error) => return Err(IndexError::Place(error)),
            }
        }
        Err(IndexError::Busy)
    }

    /// Removes the index.
    pub(super) fn discard(&self) -> Result<(), IndexError> {
        let _guard = self.lock("lock", true)?;
        for ending in ["sqlite", "sqlite-wal", "sqlite-shm", "sqlite-journal"] {
            match std::fs::remove_file(self.beside(ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(IndexError::Place(error)),
                _ => {}
            }
        }
        Ok(())
    }

    fn put(&self, building: &Path) -> Result<(), IndexError> {
        let _guard = self.lock("lock", true)?;
        // SQLite would take what another database left for the new one's.
        for ending in ["sqlite-wal", "sqlite-shm", "sqlite-journal"] {
            match std::fs::remove_file(self.beside(ending)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(IndexError::Place(error)),
                _ => {}
            }
        }
        std::fs::rename(building, self.database()).map_err(IndexError::Place)
    }

    fn lock_file(&self, ending: &str) -> Result<File, IndexError> {
        let path = self.beside(ending);
        let open = || File::options().create(true).truncate(false).read(true).write(true).open(&path);
        match open() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                std::fs::create_dir_all(&self.folder).map_err(IndexError::Place)?;
                open().map_err(IndexError::Place)
            }
            other => other.map_err(IndexError::Place),
        }
    }

    fn try_lock_alone(&self, ending: &str) -> Result<Option<File>, IndexError> {
        let file = self.lock_file(ending)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(IndexError::Place(error)),
        }
    }

    /// A lock beside the index, alone or with others: `lock` for its use, `builders` for making one.
    fn lock(&self, ending: &str, alone: bool) -> Result<File, IndexError> {
        let file = self.lock_file(ending)?;
        let until = Instant::now() + PATIENCE;
        loop {
            let locked = if alone { file.try_lock() } else { file.try_lock_shared() };
            match locked {
                Ok(()) => return Ok(file),
                Err(std::fs::TryLockError::WouldBlock) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(std::fs::TryLockError::WouldBlock) => return Err(IndexError::Busy),
                Err(std::fs::TryLockError::Error(error)) => return Err(IndexError::Place(error)),
            }
        }
    }
}

/// An open index; nobody replaces the file meanwhile.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    _guard: File,
}

/// Whether a regular file of ours lies there, that nobody else may write.
fn is_ours(path: &Path) -> bool {
    let Ok(meta) = path.symlink_metadata() else { return false };
    meta.is_file() && meta.len() > 0 && owned(&meta)
}

#[cfg(unix)]
fn owned(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    meta.uid() == rustix::process::geteuid().as_raw() && meta.mode() & 0o022 == 0
}

#[cfg(not(unix))]
fn owned(_meta: &std::fs::Metadata) -> bool {
    true
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    guarded(&connection)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint={LOG_PAGES}; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16000; PRAGMA secure_delete=ON;"
    ))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens defensively: what the file says of itself runs nothing.
fn guarded(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    connection.execute_batch("PRAGMA cell_size_check=ON;")
}

/// Whether the tables are exactly those that this program makes. What FTS5 keeps for itself is its own affair.
fn has_our_tables(connection: &Connection) -> bool {
    let version: Result<i64, _> = connection.query_row("PRAGMA user_version", [], |row| row.get(0));
    if version != Ok(schema::FORMAT) {
        return false;
    }
    let Ok(mut query) = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'words\\_%' ESCAPE '\\'")
    else {
        return false;
    };
    let found: Result<std::collections::HashSet<String>, _> =
        query.query_map([], |row| row.get(0)).and_then(Iterator::collect);
    let statements = schema::statements();
    let expected = statements.split(";\n").filter(|statement| !statement.is_empty());
    found.is_ok_and(|found| {
        expected.clone().count() == found.len() && expected.into_iter().all(|one| found.contains(one))
    })
}

fn make(path: &Path, fill: impl FnOnce(&mut Connection) -> Result<(), IndexError>) -> Result<(), IndexError> {
    let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    guarded(&connection)?;
    connection.execute_batch(
        "PRAGMA page_size=4096; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32000;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.execute_batch("BEGIN")?;
    connection.execute_batch(&schema::statements())?;
    fill(&mut connection)?;
    connection.execute_batch(&format!("PRAGMA user_version={}", schema::FORMAT))?;
    connection.execute_batch("COMMIT")?;
    connection.execute_batch("PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL;")?;
    drop(connection);
    File::open(path).and_then(|file| file.sync_all()).map_err(IndexError::Place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_desk_of_a_repository_has_a_file_of_its_own() {
        let name = |prefix: &str| Place::new(Path::new(".git"), prefix).database();
        assert_eq!(name(""), Path::new(".git/staple/index.sqlite"));
        assert_eq!(name("support"), Path::new(".git/staple/index-support.sqlite"));
        let others = ["a/b", "a-b", "a%2Fb", "a/b/c", "a/b-c"].map(name);
        assert!((1..others.len()).all(|end| !others[..end].contains(&others[end])), "{others:?}");
    }
}
