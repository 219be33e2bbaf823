//! Names that begin as somebody types, for completion in a shell.

use rusqlite::params;

use super::{Index, IndexError, file, refresh};
use crate::record::Kind;
use crate::store::{ObjectId, Store};

impl Index {
    /// The index if there is one already, refreshed; nobody waits for the first one to be made, and nothing is said.
    pub fn made(store: &Store, head: ObjectId, branch: &str) -> Option<Self> {
        let place = file::Place::new(store.git_dir(), store.prefix());
        let wanted = refresh::Wanted { standing: store.standing(head, branch).ok()?, branch: branch.to_owned() };
        let mut opened = place.open().ok()??;
        let fresh = Self::follow(&mut opened.connection, store, &wanted, &mut |_, _| {}).ok()?;
        fresh.then_some(Self { opened, commit: head })
    }

    /// Ids of tickets that begin with `start`, without `T-`, and their titles: open ones first, then the ones opened last. What is
    /// done is told once something is typed.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn ids_beginning(&self, start: &str, most: usize) -> Result<Vec<(String, String)>, IndexError> {
        let condition = if start.is_empty() { "open = 1" } else { "id >= ?1 AND id < ?1 || '~'" };
        let sql = format!(
            "SELECT id, title FROM ticket WHERE {condition} AND ?1 IS NOT NULL ORDER BY open DESC, opened DESC, id LIMIT ?2"
        );
        self.pairs(&sql, params![start, limit(most)])
    }

    /// Slugs of records of a kind that begin with `start`, and what they are called, in order; those that are retired are left out.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn slugs_beginning(&self, kind: Kind, start: &str, most: usize) -> Result<Vec<(String, String)>, IndexError> {
        let sql =
            "SELECT name, label FROM record WHERE kind = ?1 AND name >= ?2 AND name < ?2 || '~' AND blob IS NOT NULL
            AND retired IS NULL ORDER BY name LIMIT ?3";
        self.pairs(sql, params![kind.word(), start, limit(most)])
    }

    fn pairs(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<(String, String)>, IndexError> {
        let mut query = self.db().prepare_cached(sql)?;
        let rows = query.query_map(values, |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)))?;
        let mut found = Vec::new();
        for row in rows {
            let (name, label) = row?;
            found.push((name, label.unwrap_or_default()));
        }
        Ok(found)
    }
}

fn limit(most: usize) -> i64 {
    i64::try_from(most).unwrap_or(i64::MAX)
}
