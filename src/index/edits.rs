//! What is remembered of the work tree: the states in which files were seen to hold what HEAD has, and the paths that have to be
//! looked at again. How they are looked at is decided in `desk`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rusqlite::params;

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
    /// What is remembered of the work tree; no folders where nobody looked yet. Of tickets what is remembered of the
    /// records of those that are not done, and of all files of `tickets`, by the paths of their records.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn remembered(&self, tickets: &BTreeSet<String>) -> Result<Remembered, IndexError> {
        let mut out = Remembered::default();
        let mut query = self.db().prepare_cached("SELECT folder, state FROM folder_state")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let state = row.get_ref(1)?.as_blob().ok().and_then(FileState::from_bytes);
            out.folders.extend(state.map(|state| Ok::<_, rusqlite::Error>((row.get(0)?, state))).transpose()?);
        }
        self.states("live = 1", &[], &mut out.live)?;
        for path in tickets {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let start = file.strip_suffix("toml").unwrap_or(file);
            // The files of a ticket lie side by side in the order of names; `/` is the sign after the dot.
            let end = format!("{}/", start.trim_end_matches('.'));
            let theirs = "live = 0 AND folder = ?1 AND name >= ?2 AND name < ?3";
            self.states(theirs, &[&folder, &start, &end], &mut out.live)?;
        }
        let mut query = self.db().prepare_cached("SELECT path FROM edited ORDER BY path")?;
        out.suspects = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(out)
    }

    /// Adds the states of the files that a condition names, by folder.
    fn states(
        &self,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
        out: &mut Vec<SeenFolder>,
    ) -> Result<(), IndexError> {
        let sql = format!("SELECT folder, name, state FROM file_state WHERE {condition} ORDER BY folder, name");
        let mut query = self.db().prepare_cached(&sql)?;
        let mut rows = query.query(values)?;
        while let Some(row) = rows.next()? {
            let Some(state) = row.get_ref(2)?.as_blob().ok().and_then(FileState::from_bytes) else { continue };
            let folder = row.get_ref(0)?.as_str().unwrap_or_default();
            if out.last().is_none_or(|last| last.folder != folder) {
                out.push(SeenFolder { folder: folder.to_owned(), files: Vec::new() });
            }
            if let Some(last) = out.last_mut() {
                last.files.push((row.get(1)?, state));
            }
        }
        Ok(())
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
        for (folder, name, state, live) in &seen.clean {
            db.prepare_cached("INSERT OR REPLACE INTO file_state VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                folder,
                name,
                state.as_bytes(),
                live
            ])?;
        }
        for (folder, name) in &seen.gone {
            db.prepare_cached("DELETE FROM file_state WHERE folder = ?1 AND name = ?2")?.execute([folder, name])?;
        }
        for (folder, state) in &seen.folders {
            db.prepare_cached("INSERT OR REPLACE INTO folder_state VALUES (?1, ?2)")?
                .execute(params![folder, state.as_bytes()])?;
        }
        Ok(())
    }
}
