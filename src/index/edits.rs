//! What is remembered of the work tree: the states in which files were seen to hold what HEAD has, and the paths that have to be
//! looked at again. How they are looked at is decided in `desk`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::{Connection, ToSql, params};

use super::{Index, IndexError, refresh};
use crate::store::file_state::{FileState, SeenFolder};

/// What is known of the work tree.
#[derive(Debug, Default)]
pub struct Remembered {
    /// Folders in the state in which all their names were known.
    pub folders: Vec<(String, FileState)>,
    /// Files that are compared at each read.
    pub live: Vec<SeenFolder>,
    /// Paths to look at: edited when last seen, or changed by commits since.
    pub suspects: Vec<String>,
}

/// Which files are compared at a read, besides those of the tickets that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// The records of tickets that are not done, and of every other kind.
    Live,
    /// The records of every other kind.
    OtherKinds,
    /// None.
    Asked,
}

/// What a look at the work tree found.
#[derive(Debug, Default)]
pub struct Seen {
    /// Everything was looked at, and what was known before counts no more.
    pub everything: bool,
    /// Files that hold what HEAD has, by folder and name, with whether they are compared at each read.
    pub clean: Vec<(String, String, FileState, bool)>,
    /// Files that are no longer there.
    pub gone: Vec<(String, String)>,
    /// Folders with the state in which all their names are known; unsettled where that may change unseen.
    pub folders: Vec<(String, FileState)>,
    /// Paths to look at the next time.
    pub suspects: Vec<String>,
}

/// States whose writing makes the log long.
const MANY: usize = 500;

impl Index {
    /// What is remembered of the work tree; no folders where nobody looked yet. To be compared are all files of the tickets `asked`,
    /// which are the paths of their records, and what `compared` says.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remembered(&self, asked: &BTreeSet<String>, compared: Compared) -> Result<Remembered, IndexError> {
        let mut out = Remembered::default();
        let mut query = self.db().prepare_cached("SELECT folder, state, live FROM folder_state")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let Some(state) = row.get_ref(1)?.as_blob().ok().and_then(FileState::from_bytes) else { continue };
            let folder: String = row.get(0)?;
            let is_compared = match compared {
                Compared::Live => true,
                Compared::OtherKinds => !folder.starts_with("tickets/"),
                Compared::Asked => false,
            };
            if is_compared {
                let live = match row.get_ref(2)?.as_blob() {
                    Ok(packed) => SeenFolder::packed(&folder, packed).ok_or(IndexError::Foreign)?,
                    Err(_) => seen_in(self.db(), &folder, "live = 1", &[&folder])?,
                };
                out.live.extend(Some(live).filter(|live| !live.is_empty()));
            }
            out.folders.push((folder, state));
        }
        for path in asked {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let start = file.strip_suffix("toml").unwrap_or(file);
            // The files of a ticket lie side by side in the order of names; `/` is the sign after the dot.
            let end = format!("{}/", start.trim_end_matches('.'));
            let theirs = match compared {
                Compared::Live => "live = 0 AND name >= ?2 AND name < ?3",
                Compared::OtherKinds | Compared::Asked => "name >= ?2 AND name < ?3",
            };
            out.live.push(seen_in(self.db(), folder, theirs, &[&folder, &start, &end])?);
        }
        let mut query = self.db().prepare_cached("SELECT path FROM edited ORDER BY path")?;
        out.suspects = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(out)
    }

    /// The states of a folder's files, by name.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn states_in(&self, folder: &str) -> Result<BTreeMap<String, FileState>, IndexError> {
        let mut query = self.db().prepare_cached("SELECT name, state FROM file_state WHERE folder = ?1")?;
        let mut rows = query.query([folder])?;
        let mut out = BTreeMap::new();
        while let Some(row) = rows.next()? {
            if let Some(state) = row.get_ref(1)?.as_blob().ok().and_then(FileState::from_bytes) {
                out.insert(row.get(0)?, state);
            }
        }
        Ok(out)
    }

    /// Keeps what was seen, unless another process is writing: then somebody looks again, and nothing is lost. Whether the index is
    /// still at the commit it was opened for.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub fn remember(&self, seen: &Seen) -> Result<bool, IndexError> {
        let db = self.db();
        db.busy_timeout(Duration::ZERO)?;
        let written = self.write_seen(seen);
        db.busy_timeout(super::file::PATIENCE)?;
        match written {
            Err(IndexError::Database(error)) if super::is_busy(&error) => return Ok(true),
            other => other?,
        }
        db.execute_batch("COMMIT")?;
        if seen.clean.len() > MANY {
            // Each opening reads the log through; readers that are still in it keep it from being emptied.
            let _ = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
        db.execute_batch("BEGIN")?;
        Ok(refresh::head(db)? == Some(self.commit()))
    }

    fn write_seen(&self, seen: &Seen) -> Result<(), IndexError> {
        let db = self.db();
        if seen.everything {
            db.execute_batch("DELETE FROM file_state; DELETE FROM folder_state;")?;
        }
        db.execute_batch("DELETE FROM edited;")?;
        for path in &seen.suspects {
            db.prepare_cached("INSERT OR IGNORE INTO edited VALUES (?1)")?.execute([path])?;
        }
        let mut changed: BTreeSet<&str> = BTreeSet::new();
        for (folder, name, state, live) in &seen.clean {
            changed.insert(folder);
            db.prepare_cached("INSERT OR REPLACE INTO file_state VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                folder,
                name,
                state.as_bytes(),
                live
            ])?;
        }
        for (folder, name) in &seen.gone {
            changed.insert(folder);
            db.prepare_cached("DELETE FROM file_state WHERE folder = ?1 AND name = ?2")?.execute([folder, name])?;
        }
        for (folder, state) in &seen.folders {
            db.prepare_cached(
                "INSERT INTO folder_state VALUES (?1, ?2, NULL) ON CONFLICT (folder) DO UPDATE SET state = excluded.state",
            )?
            .execute(params![folder, state.as_bytes()])?;
        }
        changed.into_iter().try_for_each(|folder| unpack(db, folder))?;
        pack(db)
    }
}

/// Notes whether a file is compared at each read. [`pack`] must follow the last.
pub(super) fn set_live(db: &Connection, folder: &str, name: &str, live: bool) -> Result<(), IndexError> {
    let sql = "UPDATE file_state SET live = ?3 WHERE folder = ?1 AND name = ?2 AND live <> ?3";
    match db.prepare_cached(sql)?.execute(params![folder, name, live])? {
        0 => Ok(()),
        _ => unpack(db, folder),
    }
}

/// Drops what is packed of a folder. One that nobody has listed yet is to be listed at the next read.
fn unpack(db: &Connection, folder: &str) -> Result<(), IndexError> {
    let sql = "INSERT INTO folder_state VALUES (?1, ?2, NULL) ON CONFLICT (folder) DO UPDATE SET live = NULL";
    db.prepare_cached(sql)?.execute(params![folder, FileState::UNSETTLED.as_bytes()])?;
    Ok(())
}

/// Packs the live files of each folder into its row, since a row for each of them takes longer to read than the file's state
/// takes to ask for.
pub(super) fn pack(db: &Connection) -> Result<(), IndexError> {
    let mut query = db.prepare_cached("SELECT folder FROM folder_state WHERE live IS NULL")?;
    let folders: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for folder in folders {
        let live = seen_in(db, &folder, "live = 1", &[&folder])?;
        db.prepare_cached("UPDATE folder_state SET live = ?2 WHERE folder = ?1")?
            .execute(params![folder, live.as_bytes()])?;
    }
    Ok(())
}

/// The files of a folder that fulfil a condition, whose first value is the folder.
fn seen_in(db: &Connection, folder: &str, condition: &str, values: &[&dyn ToSql]) -> Result<SeenFolder, IndexError> {
    let sql = format!("SELECT name, state FROM file_state WHERE folder = ?1 AND {condition} ORDER BY name");
    let mut query = db.prepare_cached(&sql)?;
    let mut rows = query.query(values)?;
    let mut seen = SeenFolder::new(folder);
    while let Some(row) = rows.next()? {
        if let Some(state) = row.get_ref(1)?.as_blob().ok().and_then(FileState::from_bytes) {
            seen.push(row.get_ref(0)?.as_str().unwrap_or_default(), &state);
        }
    }
    Ok(seen)
}
