//! Bringing the index from the commit it knows to the one that is wanted.

use rusqlite::{Connection, OptionalExtension, params};

use super::write::Writer;
use super::{IndexError, Progress, id_of};
use crate::store::timeline::follow::{FollowError, Standing};
use crate::store::{self, ObjectId, Store};

/// What an index has to be complete up to, and for which desk.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) standing: Standing,
    pub(super) branch: String,
}

/// Whether the index is complete up to the wanted commit.
pub(super) fn is_at(db: &Connection, wanted: &Wanted) -> Result<bool, IndexError> {
    Ok(is_of_this_program(db)? && standing(db)? == Some(wanted.standing))
}

fn is_of_this_program(db: &Connection) -> Result<bool, IndexError> {
    Ok(meta::<String>(db, "program")?.as_deref() == Some(env!("CARGO_PKG_VERSION")))
}

/// What the index is complete up to.
pub(super) fn standing(db: &Connection) -> Result<Option<Standing>, IndexError> {
    let Some(head) = head(db)? else { return Ok(None) };
    let number = |key| meta::<i64>(db, key).map(|number| number.unwrap_or_default().cast_unsigned());
    Ok(Some(Standing { head, scope: number("scope")?, branch: number("branch")? }))
}

/// A value of the table `meta`.
pub(super) fn meta<T: rusqlite::types::FromSql>(db: &Connection, key: &str) -> Result<Option<T>, rusqlite::Error> {
    db.prepare_cached("SELECT value FROM meta WHERE key = ?1")?.query_row([key], |row| row.get(0)).optional()
}

/// The commit that the index is complete up to.
pub(super) fn head(db: &Connection) -> Result<Option<ObjectId>, IndexError> {
    Ok(id_of(meta(db, "head")?))
}

pub(super) fn set_meta(db: &Connection, key: &str, value: impl rusqlite::ToSql) -> Result<(), rusqlite::Error> {
    db.prepare_cached("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)")?.execute(params![key, value])?;
    Ok(())
}

/// Fills an empty index.
pub(super) fn fill(
    db: &mut Connection,
    store: &Store,
    wanted: &Wanted,
    progress: Progress<'_>,
) -> Result<(), IndexError> {
    set_meta(db, "program", env!("CARGO_PKG_VERSION"))?;
    refresh(db, store, wanted, progress)
}

/// Brings the index to the wanted commit, within a transaction of the caller.
///
/// # Errors
/// When it has nothing in common with the commit; then it has to be made anew.
pub(super) fn refresh(
    db: &Connection,
    store: &Store,
    wanted: &Wanted,
    progress: Progress<'_>,
) -> Result<(), IndexError> {
    if !is_of_this_program(db)? {
        return Err(IndexError::Foreign);
    }
    let mut writer = Writer::new(db, store, progress)?;
    match store.follow(wanted.standing.head, &wanted.branch, &mut writer) {
        Ok(_) => {}
        Err(FollowError::Keeper(error)) => return Err(error),
        Err(FollowError::History(source)) => return Err(store::Error::History { source: Box::new(source) }.into()),
    }
    writer.flush()?;
    writer.settle()
}
