//! Letting go of what the desk says no longer, so that the index does not keep words that were taken out of it.
//!
//! Full text keeps the words of documents that are gone until it is merged, the table `word` keeps them for good, and SQLite leaves
//! copies in the unused parts of pages whatever it is told to overwrite. Getting rid of all that means writing the file anew, which
//! on a large desk takes seconds. So it is done where it counts: when something was redacted, and when git itself has let go of
//! commits that the index once followed.

use std::time::Duration;

use rusqlite::Connection;

use super::IndexError;
use super::refresh::{meta, set_meta};
use crate::store::{ObjectId, Store};

/// Commits that are watched; with more the file is written anew.
const MOST: usize = 32;

/// The key of the table `meta` with the ids of commits that are watched, one after the other; [`erase`] is due when the repository
/// lacks one.
const WATCHED: &str = "watched";
/// The key with the state of the places where they were last found.
const FOUND: &str = "found";

/// Notes that the timeline no longer has a commit whose words may still be in the file.
pub(super) fn watch(db: &Connection, commit: ObjectId) -> Result<(), IndexError> {
    let mut watched: Vec<u8> = meta(db, WATCHED)?.unwrap_or_default();
    if !watched.chunks(commit.as_bytes().len()).any(|known| known == commit.as_bytes()) {
        watched.extend(commit.as_bytes());
        set_meta(db, WATCHED, watched)?;
    }
    Ok(())
}

/// Notes that words were redacted: erasing is due at once.
pub(super) fn want(db: &Connection, store: &Store) -> Result<(), IndexError> {
    // No repository has the null id.
    watch(db, store.null_id())
}

/// Whether it is time to erase.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It is.
    Now,
    /// It is not.
    NotYet,
    /// It is not, as long as the places of the watched commits are in this state; see [`remember`].
    NotBefore(Vec<u8>),
}

/// Whether it is time to erase. To find commits takes opening the lists of all packs, so it is remembered where they were found.
pub(super) fn due(db: &Connection, store: &Store) -> Result<Due, IndexError> {
    let Some(watched) = meta::<Vec<u8>>(db, WATCHED)? else { return Ok(Due::NotYet) };
    let commits = watched.chunks(store.null_id().as_bytes().len()).map(ObjectId::try_from);
    let Ok(commits) = commits.collect::<Result<Vec<ObjectId>, _>>() else { return Ok(Due::Now) };
    if commits.len() > MOST {
        return Ok(Due::Now);
    }
    let state = store.state_of_places(&commits);
    if state.is_some() && meta::<Vec<u8>>(db, FOUND)? == state {
        return Ok(Due::NotYet);
    }
    if !commits.iter().all(|id| store.has(*id)) {
        return Ok(Due::Now);
    }
    Ok(state.map_or(Due::NotYet, Due::NotBefore))
}

/// Keeps the state in which the places of the watched commits had them all, unless another process is writing; outside of
/// transactions.
pub(super) fn remember(db: &Connection, state: &[u8]) -> Result<(), IndexError> {
    db.busy_timeout(Duration::ZERO)?;
    let written = set_meta(db, FOUND, state);
    db.busy_timeout(super::file::PATIENCE)?;
    Ok(written?)
}

/// Writes the file anew, without words that neither a document nor a version has; outside of transactions.
///
/// # Errors
/// When others are writing; it stays due then.
pub(super) fn erase(db: &Connection) -> Result<(), IndexError> {
    let watched: Option<Vec<u8>> = meta(db, WATCHED)?;
    // What is written on the side is as large as the index.
    db.execute_batch(
        "PRAGMA temp_store=DEFAULT;
         CREATE VIRTUAL TABLE temp.held USING fts5vocab('main', 'words', 'row');
         BEGIN IMMEDIATE;
         INSERT INTO words (words) VALUES ('optimize');
         DELETE FROM word WHERE word NOT IN (SELECT term FROM temp.held);
         COMMIT;
         DROP TABLE temp.held;
         VACUUM;
         PRAGMA temp_store=MEMORY;",
    )?;
    db.execute("DELETE FROM meta WHERE key = ?1 AND value = ?2", (WATCHED, watched))?;
    // The log holds pages as they were.
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// How often a document that is in full text says that something was redacted.
pub(super) fn marks_in(db: &Connection, document: u32) -> Result<usize, IndexError> {
    db.execute_batch("CREATE VIRTUAL TABLE IF NOT EXISTS temp.said USING fts5vocab('main', 'words', 'instance')")?;
    let sql = "SELECT count(*) FROM temp.said WHERE term = ?1 AND doc = ?2";
    Ok(db.query_row(sql, (MARK, document), |row| row.get::<_, i64>(0))?.cast_unsigned() as usize)
}

/// How often words, as full text has them, say that something was redacted.
pub(super) fn marks(columns: &[String]) -> usize {
    columns.iter().flat_map(|column| column.split_ascii_whitespace()).filter(|word| *word == MARK).count()
}

/// The word that stands where others were taken out.
const MARK: &str = "redacted";
