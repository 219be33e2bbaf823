//! Reading every record: slow, and right whatever the index is. What the index answers is held against it.

use std::collections::BTreeMap;

use super::{At, Desk, Records};
use crate::record::finding::Finding;
use crate::record::time::Time;
use crate::store::discover::MARKER;
use crate::store::layout;
use crate::store::working_tree::State;
use crate::store::{self, ObjectId, timeline};

impl Desk {
    /// Every record at a moment.
    ///
    /// # Errors
    /// When the repository cannot be read or has no such revision.
    pub fn records(&self, at: &At) -> Result<Records, store::Error> {
        match at {
            At::Now => self.records_of_folders(layout::FOLDERS),
            At::Rev(rev) => {
                let mut records = Records::default();
                records.add_blobs(&self.store, record_files(&self.store.snapshot(rev)?, layout::FOLDERS)?)?;
                records.settle();
                Ok(records)
            }
            At::Time(time) => self.records_as_of(*time),
            At::Tree(tree) => self.records_of_tree(*tree),
        }
    }

    /// The records of a tree. A merge that was only tried is in memory, where other openings of the repository do not find it.
    fn records_of_tree(&self, tree: ObjectId) -> Result<Records, store::Error> {
        let snapshot = self.store.snapshot_of_tree(tree);
        let mut records = Records::default();
        for (path, blob) in record_files(&snapshot, layout::FOLDERS)? {
            records.add_blob(&snapshot, path, blob);
        }
        records.settle();
        Ok(records)
    }

    /// The records of some folders, and the settings, as they are now: the commit with the edits of the work tree over it.
    pub(super) fn records_of_folders(&self, folders: &[&str]) -> Result<Records, store::Error> {
        let snapshot = self.store.head_snapshot()?;
        let mut overlay = self.store.overlay_files(&snapshot, &[MARKER])?;
        overlay.extend(self.store.overlay(&snapshot, folders)?);
        let mut files: BTreeMap<String, ObjectId> = record_files(&snapshot, folders)?.into_iter().collect();
        let mut records = Records::default();
        for edit in overlay {
            records.uncommitted.insert(edit.path.clone());
            let committed = files.remove(&edit.path);
            match edit.state {
                State::Record(bytes) => records.add(edit.path, &bytes),
                State::Attachment => records.add(edit.path, b""),
                State::Deleted => {}
                unreadable => {
                    records.findings.push(overlay_finding(&edit.path, &unreadable));
                    // What the commit has is still the last good answer.
                    files.extend(committed.map(|blob| (edit.path, blob)));
                }
            }
        }
        records.add_blobs(&self.store, files.into_iter().collect())?;
        records.settle();
        Ok(records)
    }

    /// For each record file, its last version in effect at `time`.
    fn records_as_of(&self, time: Time) -> Result<Records, store::Error> {
        let mut records = Records::default();
        let Some(line) = self.timeline(None)? else { return Ok(records) };
        records.add_blobs(&self.store, timeline::fold_at(&line, time.unix()).into_iter().collect())?;
        records.settle();
        Ok(records)
    }

    /// The desk's timeline, of all files or of some; nothing before the first commit.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn timeline(&self, paths: Option<&[String]>) -> Result<Option<timeline::Line>, store::Error> {
        let branch = self.settings.text("branch");
        self.store.timeline(paths, branch)
    }
}

/// What is wrong with a path whose work tree state is no record.
pub(super) fn overlay_finding(path: &str, state: &State) -> Finding {
    match state {
        State::Unmerged => Finding::error("unmerged", path, "the file is unmerged")
            .hint("see what is left to decide: staple conflicts"),
        State::Link => Finding::error("symlink", path, "this is a symbolic link, which is never followed")
            .hint("put a real file or folder in its place"),
        State::Oversized(bytes) => {
            Finding::error("too-large", path, format!("the file has {} MB, too many for a record", bytes >> 20))
                .hint("move what is large into an attachment")
        }
        State::Unreadable(why) => Finding::error("unreadable", path, format!("the file cannot be read: {why}")),
        State::Record(_) | State::Attachment | State::Deleted => Finding::note("uncommitted", path, "not committed"),
    }
}

/// The files of record folders of a desk, and its settings.
fn record_files(snapshot: &store::Snapshot, folders: &[&str]) -> Result<Vec<(String, ObjectId)>, store::Error> {
    let mut files = Vec::new();
    if let Some(id) = snapshot.find(MARKER)? {
        files.push((MARKER.to_owned(), id));
    }
    for folder in folders {
        files.extend(snapshot.walk_folder(folder)?.files);
    }
    Ok(files)
}
