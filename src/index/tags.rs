//! The table `tag`: the tags of the repository. Who asks for them has it brought up to date first; no other reader pays for it.

use rusqlite::params;

use super::refresh::{meta, set_meta};
use super::{Index, IndexError, refresh};
use crate::store::Store;

impl Index {
    /// Brings the tags up to date where the repository's have changed. Whether the index is still at the commit it was opened for.
    ///
    /// # Errors
    /// When the repository cannot be read or the index cannot be written.
    pub(super) fn follow_tags(&self, store: &Store) -> Result<bool, IndexError> {
        let state = store.tags_state();
        let db = self.db();
        if state.is_some() && meta::<Option<Vec<u8>>>(db, "tags")?.flatten() == state {
            return Ok(true);
        }
        let tags = store.tags()?;
        // A transaction that has read what another process changed since could not write.
        db.execute_batch("ROLLBACK; BEGIN IMMEDIATE; DELETE FROM tag;")?;
        for tag in &tags {
            db.prepare_cached("INSERT OR IGNORE INTO tag (name, commit_id, time) VALUES (?1, ?2, ?3)")?
                .execute(params![tag.name, tag.commit.as_bytes(), tag.time.unix()])?;
        }
        // Without a state that can be trusted they are read again the next time.
        set_meta(db, "tags", state)?;
        db.execute_batch("COMMIT; BEGIN")?;
        Ok(refresh::head(db)? == Some(self.commit))
    }
}
