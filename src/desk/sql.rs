//! Queries in SQL over the index, for people and scripts.
//!
//! There is no other way to answer them, so that here the lack of an index is an error.

use super::Desk;
use crate::index::{Index, IndexError, SqlError, SqlTable};
use crate::store;

/// Why a query in SQL has no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The settings say that there is no index.
    #[error("there is no index to query: the setting index is off")]
    Off,
    /// The desk has no commit that an index could hold.
    #[error("there is nothing to query before the desk's first commit")]
    NoCommit,
    /// There is none and none can be made.
    #[error("there is no index to query")]
    NoIndex(#[source] IndexError),
    /// The query is at fault.
    #[error(transparent)]
    Query(#[from] SqlError),
    /// The repository cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// How often the index is opened again when commits come meanwhile.
const TRIES: usize = 3;

impl Desk {
    /// The answer to a query over the tables of `index::schema`, as HEAD has the desk; edits that are not committed are not in it.
    ///
    /// # Errors
    /// When there is no index, or the query is wrong or would do more than read.
    pub fn sql(&self, sql: &str) -> Result<SqlTable, NoAnswer> {
        if !self.indexed {
            return Err(NoAnswer::Off);
        }
        let mut why = IndexError::Busy;
        for _ in 0..TRIES {
            let Some(commit) = self.store.head()?.commit else { return Err(NoAnswer::NoCommit) };
            let branch = self.settings.text("branch");
            let opened = Index::open(&self.store, commit, branch, &mut |done, all| self.progress(done, all));
            match opened.and_then(|mut index| index.query(&self.store, sql)) {
                Ok(answer) => return Ok(answer?),
                Err(IndexError::Store(error)) => return Err(error.into()),
                Err(error @ IndexError::Busy) => why = error,
                Err(error @ IndexError::Database(_)) => {
                    // Damage that showed only now; the next try begins with nothing.
                    let _ = Index::discard(self.store.git_dir(), self.store.prefix());
                    why = error;
                }
                Err(error) => return Err(NoAnswer::NoIndex(error)),
            }
        }
        Err(NoAnswer::NoIndex(why))
    }
}
