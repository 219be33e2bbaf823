//! The desk's settings as the work tree has them, before there is a desk to ask.

use super::scan::overlay_finding;
use crate::record::finding::Finding;
use crate::record::{Kind, Name};
use crate::settings::{FlatKey, flatten};
use crate::store::discover::MARKER;
use crate::store::working_tree::State;
use crate::store::{self, Store};
use crate::text;

/// The keys of `staple.toml`; none where it cannot be read as settings, and then why.
///
/// # Errors
/// When what is there cannot be read at all.
pub fn read(store: &Store) -> Result<(Vec<FlatKey>, Option<Finding>), store::Error> {
    let bytes = match store.file_at(MARKER)? {
        State::Record(bytes) => bytes,
        State::Deleted => return Ok((Vec::new(), None)),
        odd => return Ok((Vec::new(), Some(overlay_finding(MARKER, &odd)))),
    };
    let parsed = text::parse(Kind::Settings, &Name::Desk, MARKER, &bytes);
    if parsed.record.is_none() {
        return Ok((Vec::new(), parsed.findings.into_iter().next()));
    }
    let text = String::from_utf8_lossy(&bytes);
    match flatten(text.trim_start_matches('\u{feff}')) {
        Ok(keys) => Ok((keys, None)),
        Err(error) => Ok((Vec::new(), Some(Finding::error("not-toml", MARKER, error.message).at(error.line, 1)))),
    }
}
