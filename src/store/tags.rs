//! The tags of the repository and the commits they name.

use std::time::SystemTime;

use gix::ObjectId;

use super::Store;
use super::error::{Error, gix_error};
use super::file_state::add_state;
use crate::record::time::Time;

/// A tag that names a commit, directly or through a tag object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The short name: `v2.4`.
    pub name: String,
    /// The commit.
    pub commit: ObjectId,
    /// When the commit was recorded.
    pub time: Time,
}

impl Store {
    /// The tags that name commits, in order of name. What cannot be read or has no name in UTF-8 is left out.
    ///
    /// # Errors
    /// When the references cannot be read.
    pub fn tags(&self) -> Result<Vec<Tag>, Error> {
        let failed = "the references cannot be read";
        let references = self.repo().references().map_err(gix_error(failed))?;
        let mut tags = Vec::new();
        for reference in references.tags().map_err(gix_error(failed))?.flatten() {
            let mut reference = reference;
            let Ok(name) = String::from_utf8(reference.name().shorten().to_vec()) else { continue };
            let Ok(commit) = reference.peel_to_commit() else { continue };
            let Ok(time) = commit.time() else { continue };
            tags.push(Tag { name, commit: commit.id, time: Time::from_unix(time.seconds) });
        }
        tags.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tags)
    }

    /// What the file system says of the places where tags are kept; the same as long as no tag came, went or moved. Nothing when a
    /// change right now might not show.
    pub fn tags_state(&self) -> Option<Vec<u8>> {
        let taken = SystemTime::now();
        let mut states = Vec::new();
        let packed = self.common_dir().join("packed-refs");
        let mut folders = vec![self.common_dir().join("refs/tags")];
        add_state(&packed, taken, &mut states)?;
        // Git writes a reference by renaming a file into its folder, which shows in the folder's time.
        while let Some(folder) = folders.pop() {
            add_state(&folder, taken, &mut states)?;
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let mut inner: Vec<_> = entries.filter(|entry| entry.file_type().is_ok_and(|ty| ty.is_dir())).collect();
            inner.sort_by_key(std::fs::DirEntry::file_name);
            folders.extend(inner.into_iter().map(|entry| entry.path()));
        }
        Some(states)
    }
}
