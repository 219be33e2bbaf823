//! Merging three trees file by file, in memory: records key by key, other text by lines.

use std::collections::BTreeMap;

use gix::ObjectId;
use gix::bstr::BString;
use gix::objs::FindExt;
use gix::objs::tree::EntryKind;

use super::super::error::{Error, gix_error};
use super::super::files::ancestors;
use super::super::journal::Item;
use super::super::layout::{Located, locate};
use super::super::{Store, Unmerged};
use crate::record::{Kind, Name};
use crate::text::merge::{Marks, Merged, Versions, merge};
use crate::text::parse;

/// What stands at a path of a tree: what it is, and its object.
pub(crate) type Entry = (EntryKind, ObjectId);

/// A path at which two trees differ; folders are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TreeChange {
    /// From the repository's root.
    pub(crate) path: String,
    pub(crate) was: Option<Entry>,
    pub(crate) is: Option<Entry>,
}

/// Three root trees.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trees {
    pub(crate) base: Option<ObjectId>,
    pub(crate) ours: ObjectId,
    pub(crate) theirs: ObjectId,
}

/// What came of a merge.
#[derive(Debug, Default)]
pub(crate) struct TreeMerge {
    /// What changes in our tree.
    pub(crate) items: Vec<Item>,
    /// Blobs that were written.
    pub(crate) written: Vec<ObjectId>,
    /// What a person must decide.
    pub(crate) unmerged: Vec<Unmerged>,
}

impl Store {
    /// The paths at which two root trees differ, in order.
    pub(crate) fn tree_changes(&self, was: Option<ObjectId>, is: Option<ObjectId>) -> Result<Vec<TreeChange>, Error> {
        let mut found = Vec::new();
        self.compare_trees(was, is, &mut String::new(), &mut found)?;
        Ok(found)
    }

    fn compare_trees(
        &self,
        was: Option<ObjectId>,
        is: Option<ObjectId>,
        path: &mut String,
        found: &mut Vec<TreeChange>,
    ) -> Result<(), Error> {
        if was == is {
            return Ok(());
        }
        let (before, after) = (self.tree_entries(was)?, self.tree_entries(is)?);
        let names: std::collections::BTreeSet<&BString> = before.keys().chain(after.keys()).collect();
        let length = path.len();
        for name in names {
            let (was, is) = (before.get(name).copied(), after.get(name).copied());
            // A name that is no text is nothing to us until what it names changes.
            if was == is {
                continue;
            }
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(std::str::from_utf8(name).map_err(|_| Error::BadPath { path: format!("{path}{name}") })?);
            let is_folder = |side: &Entry| side.0 == EntryKind::Tree;
            let folder = |side: Option<Entry>| side.filter(is_folder).map(|(_, id)| id);
            if folder(was).is_some() || folder(is).is_some() {
                self.compare_trees(folder(was), folder(is), path, found)?;
            }
            let (was, is) = (was.filter(|side| !is_folder(side)), is.filter(|side| !is_folder(side)));
            if was.is_some() || is.is_some() {
                found.push(TreeChange { path: path.clone(), was, is });
            }
            path.truncate(length);
        }
        Ok(())
    }

    fn tree_entries(&self, tree: Option<ObjectId>) -> Result<BTreeMap<BString, Entry>, Error> {
        let mut found = BTreeMap::new();
        let Some(id) = tree else { return Ok(found) };
        let mut buffer = Vec::new();
        let tree = self.repo().objects.find_tree_iter(&id, &mut buffer).map_err(gix_error("a tree is unreadable"))?;
        for entry in tree {
            let entry = entry.map_err(gix_error("a tree is damaged"))?;
            found.insert(entry.filename.to_owned(), (entry.mode.kind(), entry.oid.to_owned()));
        }
        Ok(found)
    }

    /// What has to change in our tree to have what theirs changed since the base; writes blobs only.
    pub(crate) fn merge_trees(&self, trees: &Trees) -> Result<TreeMerge, Error> {
        let mut out = TreeMerge::default();
        for change in self.tree_changes(trees.base, Some(trees.theirs))? {
            self.merge_path(trees, change, &mut out)?;
        }
        // Taken away after what takes its place as a folder, a file would take that along.
        out.items.sort_by_key(|item| item.new.is_some());
        Ok(out)
    }

    fn merge_path(&self, trees: &Trees, change: TreeChange, out: &mut TreeMerge) -> Result<(), Error> {
        let ours = self.entry_at(trees.ours, &change.path)?;
        let TreeChange { path, was: base, is: theirs } = change;
        let (ours, is_blocked) = match ours {
            // It is not there either way.
            At::Blocked { .. } if theirs.is_none() => return Ok(()),
            // A folder swapped for a file, or the other way round, where ours still has what was there before.
            At::Blocked { by, entry } => match trees.base.map(|base| self.lookup(base, &by)).transpose()?.flatten() {
                Some(was) if was == entry => (None, false),
                _ => (None, true),
            },
            At::Nothing => (None, false),
            At::Entry(entry) => (Some(entry), false),
        };
        if ours == theirs && !is_blocked {
            return Ok(());
        }
        let clean = |new: Option<Entry>| -> Result<Item, Error> {
            let blob = |side: Option<Entry>| side.map(|side| plain_file(side, &path)).transpose();
            let runs = |side: Option<Entry>| side.is_some_and(|(kind, _)| kind == EntryKind::BlobExecutable);
            let (was_executable, executable) = (runs(ours), runs(new));
            let (base, new) = (blob(ours)?, blob(new)?);
            Ok(Item { path: path.clone(), base, new, was_executable, executable, ..Item::default() })
        };
        if ours == base && !is_blocked {
            out.items.push(clean(theirs)?);
            return Ok(());
        }
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && !is_blocked
            && let Some(merged) = self.merge_files(&path, base, ours, theirs)?
        {
            if merged.conflicts.is_empty() {
                let failed = gix_error(format!("{path} cannot be stored"));
                let id = self.repo().write_blob(&merged.text).map_err(failed)?.detach();
                out.written.push(id);
                // Of the mode the side counts that changed it.
                let mode = if base.map(|base| base.0) == Some(theirs.0) { ours.0 } else { theirs.0 };
                if (mode, id) != ours {
                    out.items.push(clean(Some((mode, id)))?);
                }
                return Ok(());
            }
            out.unmerged.push(self.unmerged_at(path, [base, Some(ours), Some(theirs)], Some(merged.text))?);
            return Ok(());
        }
        out.unmerged.push(self.unmerged_at(path, [base, ours, theirs], None)?);
        Ok(())
    }

    /// The merge of two files; nothing when one is no file, or what came of it is no sound record although both are.
    fn merge_files(
        &self,
        path: &str,
        base: Option<Entry>,
        ours: Entry,
        theirs: Entry,
    ) -> Result<Option<Merged>, Error> {
        let is_file = |(kind, _): &Entry| matches!(kind, EntryKind::Blob | EntryKind::BlobExecutable);
        if !is_file(&ours) || !is_file(&theirs) || !base.iter().all(is_file) {
            return Ok(None);
        }
        let base = base.map(|(_, id)| self.blob_bytes(id)).transpose()?.unwrap_or_default();
        let (ours, theirs) = (self.blob_bytes(ours.1)?, self.blob_bytes(theirs.1)?);
        let record = self.record_at(path);
        let kind = record.as_ref().map(|(kind, _)| *kind);
        let versions = Versions { base: &base, ours: &ours, theirs: &theirs };
        let mut merged = merge(kind, versions, &Marks::default(), &[]);
        if let Some((kind, name)) = &record
            && merged.conflicts.is_empty()
        {
            let is_sound = |bytes: &[u8]| parse(*kind, name, path, bytes).record.is_some();
            if !is_sound(&merged.text) && is_sound(&ours) && is_sound(&theirs) {
                merged = crate::text::merge::by_lines(true, versions, &Marks::default());
            }
        }
        Ok(Some(merged))
    }

    fn record_at(&self, path: &str) -> Option<(Kind, Name)> {
        match locate(self.desk_path(path)?)? {
            Located::Record(kind, name) => Some((kind, name)),
            Located::Attachment { .. } => None,
        }
    }

    /// The desk-relative form of a path; nothing when it lies elsewhere in the repository.
    fn desk_path<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.prefix().is_empty() {
            return Some(path);
        }
        path.strip_prefix(self.prefix())?.strip_prefix('/')
    }

    fn unmerged_at(
        &self,
        path: String,
        versions: [Option<Entry>; 3],
        merged: Option<Vec<u8>>,
    ) -> Result<Unmerged, Error> {
        let read = |side: Option<Entry>| match side {
            Some((EntryKind::Blob | EntryKind::BlobExecutable, id)) => self.blob_bytes(id).map(Some),
            _ => Ok(None),
        };
        let [base, ours, theirs] = versions;
        let (base, ours, theirs) = (read(base)?, read(ours)?, read(theirs)?);
        let file = merged.or_else(|| ours.clone()).or_else(|| theirs.clone());
        Ok(Unmerged {
            desk_path: self.desk_path(&path).map(str::to_owned),
            path,
            base,
            ours,
            theirs,
            file,
            is_odd: false,
        })
    }

    fn entry_at(&self, tree: ObjectId, path: &str) -> Result<At, Error> {
        let blocked = |by: &str, entry| At::Blocked { by: by.to_owned(), entry };
        match self.lookup(tree, path)? {
            Some(entry) if entry.0 == EntryKind::Tree => return Ok(blocked(path, entry)),
            Some(entry) => return Ok(At::Entry(entry)),
            None => {}
        }
        for folder in ancestors(path) {
            match self.lookup(tree, folder)? {
                Some((EntryKind::Tree, _)) => break,
                Some(entry) => return Ok(blocked(folder, entry)),
                None => {}
            }
        }
        Ok(At::Nothing)
    }

    /// What a tree has at a path, be it a folder.
    fn lookup(&self, tree: ObjectId, path: &str) -> Result<Option<Entry>, Error> {
        let failed = || gix_error("a tree is unreadable");
        let root = self.repo().find_tree(tree).map_err(failed())?;
        let found = root.lookup_entry_by_path(path).map_err(failed())?;
        Ok(found.map(|entry| (entry.mode().kind(), entry.object_id())))
    }

    fn blob_bytes(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        let found = self.repo().objects.find_blob(&id, &mut buffer);
        found.map(|_| ()).map_err(gix_error(format!("blob {id} is unreadable")))?;
        Ok(buffer)
    }
}

/// What a tree has at a path.
enum At {
    Nothing,
    Entry(Entry),
    /// A folder where a file is wanted, or a file where a folder of the path is: where, and what it is.
    Blocked {
        by: String,
        entry: Entry,
    },
}

/// The blob of a file; anything else cannot be put in place.
pub(crate) fn plain_file((kind, id): Entry, path: &str) -> Result<ObjectId, Error> {
    match kind {
        EntryKind::Blob | EntryKind::BlobExecutable => Ok(id),
        EntryKind::Link => Err(Error::Symlink { path: path.to_owned() }),
        EntryKind::Commit | EntryKind::Tree => Err(Error::InTheWay { path: path.to_owned() }),
    }
}
