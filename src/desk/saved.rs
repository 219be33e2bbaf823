//! The desk's saved queries: `queries/NAME.toml`.
//!
//! They are read as they are now, whatever moment a query asks about: a query is a tool, and not a part of the past.

use super::{Desk, Records};
use crate::query::document;
use crate::query::kinds;
use crate::query::saved::SavedQueries;
use crate::record::finding::Finding;
use crate::record::{Kind, Record};
use crate::store;

impl Desk {
    /// The saved queries, with edits that are not committed.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn saved_queries(&self) -> Result<SavedQueries, store::Error> {
        Ok(of(self.kind(Kind::Query)?.of(Kind::Query)))
    }

    /// Those that a text may stand for; none are read for a text that names none.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn saved_for(&self, text: &str) -> Result<SavedQueries, store::Error> {
        if text.to_lowercase().contains("query:") { self.saved_queries() } else { Ok(SavedQueries::default()) }
    }
}

/// The saved queries among some records.
pub fn of<'r>(records: impl Iterator<Item = &'r Record>) -> SavedQueries {
    let mut saved = SavedQueries::default();
    records
        .filter(|record| record.kind == Kind::Query)
        .for_each(|record| saved.add(record.slug(), record.text("query")));
    saved
}

/// What is wrong with the saved queries of a desk.
pub fn findings(records: &Records) -> Vec<Finding> {
    let saved = of(records.of(Kind::Query));
    records.of(Kind::Query).filter_map(|record| finding(record, &saved)).collect()
}

/// What is wrong with a saved query that can be asked of no kind of record.
pub fn finding(record: &Record, saved: &SavedQueries) -> Option<Finding> {
    let error = kinds::parse(record.text("query"), document::kinds(), saved).err()?;
    let message = format!("`query` cannot be read: {error}");
    let hint = format!("staple set {} query=\"...\"; see staple help queries", record.reference());
    Some(Finding::error("saved-query", &record.path, message).hint(hint))
}
