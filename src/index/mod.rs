//! The index: the desk's timeline as tables, in a SQLite file in the git directory. The only home of `rusqlite`.
//!
//! It is derived from the commits: it may vanish or be garbage at any time and is made again without asking, never changed
//! over from another version. It is temporal: a position is a commit of the timeline, a version of a record holds from one
//! moment to another, "now" is the versions that nothing has ended. A refresh walks from the commit it knows to HEAD and costs
//! what changed; where HEAD went elsewhere it first goes back to the last commit that both share.
//!
//! It holds no answer that the records and their history could not give, and nothing that ranks people (see [`schema`]). What
//! a record says in full is read from its blob. Which of the two ways answers a question is decided in `desk`.

mod complete;
mod current;
mod edits;
mod erase;
mod file;
mod keep;
mod life;
mod load;
mod past;
mod refresh;
pub mod schema;
mod search;
mod select;
mod sql;
mod tags;
mod texts;
mod tickets;
mod versions;
mod write;

use std::path::Path;

use rusqlite::Connection;

use erase::Due;

use crate::store::{self, ObjectId, Store};

pub use edits::{Compared, Remembered, Seen};
pub use life::RecordLine;
pub use load::{Known, LightTicket};
pub use past::Was;
pub use search::{Document, Having};
pub use sql::{Cell, SqlError, SqlTable};
pub use versions::{RecordVersion, TicketVersion};

/// Why the index does not answer. The caller then reads the records themselves.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The git directory cannot be written, or its locks do not work.
    #[error("the index cannot be kept here")]
    Place(#[source] std::io::Error),
    /// Another process has had it for too long, or HEAD moves faster than it can follow.
    #[error("the index is busy")]
    Busy,
    /// The database says no.
    #[error("the index cannot be read")]
    Database(#[from] rusqlite::Error),
    /// It was made for another desk or another history and has to be made anew.
    #[error("the index is of another history")]
    Foreign,
    /// The repository cannot be read; neither way would help.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// How many times a reader follows a HEAD that moves meanwhile.
const TRIES: usize = 3;

/// Told how far the making of an index has come: commits done, commits in all.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize);

/// An index that is complete up to one commit, and stays so while this lives.
#[derive(Debug)]
pub struct Index {
    opened: file::Opened,
    commit: ObjectId,
}

impl Index {
    /// The index of the desk as `head` has it, refreshed or made where need be. `branch` is the desk's branch.
    ///
    /// # Errors
    /// When the records have to be read without it.
    pub fn open(store: &Store, head: ObjectId, branch: &str, progress: Progress<'_>) -> Result<Self, IndexError> {
        let place = file::Place::new(store.git_dir(), store.prefix());
        let wanted = refresh::Wanted { standing: store.standing(head, branch)?, branch: branch.to_owned() };
        for _ in 0..TRIES {
            let Some(mut opened) = place.open()? else {
                place.replace(|connection| refresh::fill(connection, store, &wanted, progress))?;
                continue;
            };
            match Self::follow(&mut opened.connection, store, &wanted, progress) {
                Ok(true) => {
                    search::prepare(&opened.connection)?;
                    return Ok(Self { opened, commit: head });
                }
                Ok(false) => {}
                Err(error) if !error.is_damage() => return Err(error),
                Err(_) => {
                    // Damage shows where it is read; the next try begins with nothing.
                    drop(opened);
                    place.replace(|connection| refresh::fill(connection, store, &wanted, progress))?;
                }
            }
        }
        Err(IndexError::Busy)
    }

    /// Begins reading at the wanted commit, refreshing first where need be; whether that is where it now is.
    fn follow(
        connection: &mut Connection,
        store: &Store,
        wanted: &refresh::Wanted,
        progress: Progress<'_>,
    ) -> Result<bool, IndexError> {
        connection.execute_batch("BEGIN")?;
        let is_at = refresh::is_at(connection, wanted)?;
        let due = erase::due(connection, store)?;
        if is_at && due == Due::NotYet {
            return Ok(true);
        }
        connection.execute_batch("ROLLBACK")?;
        if !is_at {
            Self::catch_up(connection, store, wanted, progress)?;
        }
        // While others write it stays to be done; the answer does not wait for it.
        match if is_at { due } else { erase::due(connection, store)? } {
            Due::NotYet => {}
            Due::NotBefore(state) => drop(erase::remember(connection, &state)),
            Due::Now => drop(erase::erase(connection)),
        }
        connection.execute_batch("BEGIN")?;
        refresh::is_at(connection, wanted)
    }

    /// Refreshes unless another process did so meanwhile.
    fn catch_up(
        connection: &Connection,
        store: &Store,
        wanted: &refresh::Wanted,
        progress: Progress<'_>,
    ) -> Result<(), IndexError> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        if refresh::is_at(connection, wanted)? {
            return Ok(connection.execute_batch("ROLLBACK")?);
        }
        match refresh::refresh(connection, store, wanted, progress) {
            Ok(()) => Ok(connection.execute_batch("COMMIT")?),
            Err(error) => {
                let _ = connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// The commit it is complete up to.
    pub fn commit(&self) -> ObjectId {
        self.commit
    }

    fn db(&self) -> &Connection {
        &self.opened.connection
    }

    /// Throws away the index of a desk, as after damage that showed only when it was read.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn discard(git_dir: &Path, prefix: &str) -> Result<(), IndexError> {
        file::Place::new(git_dir, prefix).discard()
    }
}

impl IndexError {
    /// Whether the file is to blame, so that another has to take its place; a full disk or a mistake of ours would not be cured by it.
    pub fn is_damage(&self) -> bool {
        use rusqlite::{Error, ErrorCode};
        match self {
            Self::Foreign => true,
            Self::Place(_) | Self::Busy | Self::Store(_) => false,
            Self::Database(Error::InvalidParameterCount(..) | Error::InvalidParameterName(_)) => false,
            Self::Database(error) => !matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::OutOfMemory
                        | ErrorCode::ReadOnly
                        | ErrorCode::CannotOpen
                        | ErrorCode::PermissionDenied
                        | ErrorCode::SystemIoFailure
                        | ErrorCode::OperationInterrupted
                )
            ),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked))
}

/// The object id in a column; nothing for null or for what is no id.
fn id_of(bytes: Option<Vec<u8>>) -> Option<ObjectId> {
    bytes.and_then(|bytes| ObjectId::try_from(bytes.as_slice()).ok())
}
