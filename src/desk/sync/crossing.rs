//! What our edits and theirs break only together.

use crate::check::cross_edit;
use crate::desk::{Desk, Draft, WriteError};
use crate::record::finding::Finding;
use crate::store::ObjectId;

/// The four corners of a merge.
pub(super) struct Sides<'a> {
    pub(super) base: ObjectId,
    pub(super) ours: ObjectId,
    pub(super) theirs: ObjectId,
    pub(super) merged: ObjectId,
    /// Our commits with what they became.
    pub(super) commits: &'a [(ObjectId, Option<ObjectId>)],
}

/// What our edits and theirs break only together, each with the commits that did.
pub(super) fn cross_edits(desk: &Desk, sides: &Sides<'_>) -> Result<Vec<Finding>, WriteError> {
    let store = desk.store();
    let broken = |from: ObjectId, to: ObjectId| -> Result<Vec<Finding>, WriteError> {
        let (before, after) = (store.snapshot_of(from)?, store.snapshot_of(to)?);
        let mut draft = Draft::new(&before);
        for change in store.changes_between(from, to)? {
            let bytes = change.new.map(|id| after.blob(id)).transpose()?;
            draft.put_as_is(change.path, bytes);
        }
        draft.broken_rules()
    };
    let mut found = cross_edit::new_ones(broken(sides.theirs, sides.merged)?, &broken(sides.base, sides.ours)?);
    for other in cross_edit::new_ones(broken(sides.ours, sides.merged)?, &broken(sides.base, sides.theirs)?) {
        if !found.contains(&other) {
            found.push(other);
        }
    }
    if found.is_empty() {
        return Ok(found);
    }
    let (own, other) = (store.between(sides.base, sides.ours)?, store.between(sides.base, sides.theirs)?);
    let short = |id: ObjectId| {
        let became = sides.commits.iter().find(|(old, _)| *old == id).and_then(|(_, new)| *new);
        became.unwrap_or(id).to_hex_with_len(7).to_string()
    };
    for finding in &mut found {
        let last = |commits: &[ObjectId]| -> Result<Option<String>, WriteError> {
            if let Some(commit) = store.last_to_change(commits, &finding.path)? {
                return Ok(Some(short(commit)));
            }
            for commit in commits {
                // It did not touch the record, but one that this names.
                let names = |path: &str| stem(path).is_some_and(|stem| finding.message.contains(stem));
                if store.files_changed_by(*commit)?.iter().any(|file| names(&file.path)) {
                    return Ok(Some(short(*commit)));
                }
            }
            Ok(commits.first().copied().map(short))
        };
        if let (Some(here), Some(there)) = (last(&own)?, last(&other)?) {
            finding.message =
                format!("{}, by {here} here and {there} there together ({})", finding.message, finding.rule);
        }
    }
    Ok(found)
}

/// The name of a file without folders and ending.
fn stem(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.split('.').next().filter(|stem| !stem.is_empty())
}
