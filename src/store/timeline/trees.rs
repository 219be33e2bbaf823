//! What differs between two trees, below one folder: only subtrees that differ are read.
//!
//! gix's own walk records every change through a delegate and reads each tree anew; here the folder is found once for a
//! tree, buffers are used again, and trees read for one commit are at hand for its parent.

use std::cmp::Ordering;

use gix::ObjectId;
use gix::objs::tree::EntryRef;
use gix::objs::{FindExt, TreeRefIter};

use super::TimelineError;
use super::graph::Delta;

/// Compares trees of one repository below one folder.
pub(super) struct Trees<'r> {
    objects: &'r gix::OdbHandle,
    hash: gix::hash::Kind,
    /// Components of the desk's folder.
    prefix: Vec<String>,
    /// Files or folders to look at, relative to the desk; all of them if `None`.
    paths: Option<Vec<String>>,
    /// Buffers not in use, two for each level of folders.
    pool: Vec<Vec<u8>>,
    /// The folder's tree of the root trees seen last.
    folders: [Option<(ObjectId, Option<ObjectId>)>; 4],
    next_folder: usize,
}

impl<'r> Trees<'r> {
    pub(super) fn new(repo: &'r gix::Repository, prefix: &str, paths: Option<&[String]>) -> Trees<'r> {
        Trees {
            objects: &repo.objects,
            hash: repo.object_hash(),
            prefix: prefix.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            paths: paths.map(<[String]>::to_vec),
            pool: Vec::new(),
            folders: [None; 4],
            next_folder: 0,
        }
    }

    /// The files that differ between two root trees, by their path in the desk; `None` is an empty tree.
    pub(super) fn deltas(&mut self, old: Option<ObjectId>, new: Option<ObjectId>) -> Result<Vec<Delta>, TimelineError> {
        let mut found = Vec::new();
        if old == new {
            return Ok(found);
        }
        let old = self.folder(old)?;
        let new = self.folder(new)?;
        self.compare(old, new, &mut String::new(), &mut found)?;
        Ok(found)
    }

    /// The tree of the desk's folder in a root tree.
    fn folder(&mut self, root: Option<ObjectId>) -> Result<Option<ObjectId>, TimelineError> {
        let Some(root) = root else { return Ok(None) };
        if self.prefix.is_empty() {
            return Ok(Some(root));
        }
        if let Some((_, folder)) = self.folders.iter().flatten().find(|(known, _)| *known == root) {
            return Ok(*folder);
        }
        let mut buffer = self.pool.pop().unwrap_or_default();
        let mut tree = Some(root);
        for part in &self.prefix {
            let Some(id) = tree else { break };
            let iter = self.read(id, &mut buffer)?;
            tree = None;
            for entry in iter {
                let entry = entry.map_err(|source| TimelineError::object(id, source))?;
                if entry.filename == part.as_str() && entry.mode.is_tree() {
                    tree = Some(entry.oid.to_owned());
                    break;
                }
            }
        }
        self.pool.push(buffer);
        self.folders[self.next_folder] = Some((root, tree));
        self.next_folder = (self.next_folder + 1) % self.folders.len();
        Ok(tree)
    }

    fn read<'b>(&self, id: ObjectId, buffer: &'b mut Vec<u8>) -> Result<TreeRefIter<'b>, TimelineError> {
        if id.is_empty_tree() {
            return Ok(TreeRefIter::from_bytes(&[], self.hash));
        }
        self.objects.find_tree_iter(&id, buffer).map_err(|source| TimelineError::object(id, source))
    }

    fn compare(
        &mut self,
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        path: &mut String,
        found: &mut Vec<Delta>,
    ) -> Result<(), TimelineError> {
        if old == new {
            return Ok(());
        }
        let mut buffers = [self.pool.pop().unwrap_or_default(), self.pool.pop().unwrap_or_default()];
        let result = self.compare_read([old, new], &mut buffers, path, found);
        self.pool.extend(buffers);
        result
    }

    fn compare_read(
        &mut self,
        [old, new]: [Option<ObjectId>; 2],
        [old_buffer, new_buffer]: &mut [Vec<u8>; 2],
        path: &mut String,
        found: &mut Vec<Delta>,
    ) -> Result<(), TimelineError> {
        let mut left = Entries::new(old.map(|id| self.read(id, old_buffer).map(|i| (id, i))).transpose()?)?;
        let mut right = Entries::new(new.map(|id| self.read(id, new_buffer).map(|i| (id, i))).transpose()?)?;
        loop {
            let (old, new) = match (left.current, right.current) {
                (None, None) => return Ok(()),
                (Some(_), None) => (left.take()?, None),
                (None, Some(_)) => (None, right.take()?),
                (Some(a), Some(b)) => match a.cmp(&b) {
                    Ordering::Less => (left.take()?, None),
                    Ordering::Greater => (None, right.take()?),
                    Ordering::Equal => (left.take()?, right.take()?),
                },
            };
            self.entry(old, new, path, found)?;
        }
    }

    /// One name on both sides; both are trees or both are not, as the order of names keeps the two apart.
    fn entry(
        &mut self,
        old: Option<EntryRef<'_>>,
        new: Option<EntryRef<'_>>,
        path: &mut String,
        found: &mut Vec<Delta>,
    ) -> Result<(), TimelineError> {
        let Some(either) = new.or(old) else { return Ok(()) };
        if old.is_some_and(|old| new.is_some_and(|new| old.oid == new.oid && old.mode == new.mode)) {
            return Ok(());
        }
        let before = path.len();
        if before > 0 {
            path.push('/');
        }
        path.push_str(&String::from_utf8_lossy(either.filename));
        if either.mode.is_tree() {
            if self.wanted(path, true) {
                let id = |entry: Option<EntryRef<'_>>| entry.map(|entry| entry.oid.to_owned());
                self.compare(id(old), id(new), path, found)?;
            }
        } else if self.wanted(path, false) {
            let (old, new) = (file(old), file(new));
            if old != new {
                found.push(Delta { path: path.clone(), old, new });
            }
        }
        path.truncate(before);
        Ok(())
    }

    /// Whether a path is one of those asked for, lies below one or, for a folder, leads to one.
    fn wanted(&self, path: &str, is_tree: bool) -> bool {
        let below = |path: &str, folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.paths
            .as_ref()
            .is_none_or(|paths| paths.iter().any(|wanted| below(path, wanted) || (is_tree && below(wanted, path))))
    }
}

/// The blob of a plain file; links and submodules are no records.
fn file(entry: Option<EntryRef<'_>>) -> Option<ObjectId> {
    entry.filter(|entry| entry.mode.is_blob()).map(|entry| entry.oid.to_owned())
}

/// The entries of a tree with the next one at hand.
struct Entries<'b> {
    tree: Option<(ObjectId, TreeRefIter<'b>)>,
    current: Option<EntryRef<'b>>,
}

impl<'b> Entries<'b> {
    fn new(tree: Option<(ObjectId, TreeRefIter<'b>)>) -> Result<Entries<'b>, TimelineError> {
        let mut entries = Entries { tree, current: None };
        entries.take()?;
        Ok(entries)
    }

    /// Returns the entry at hand and reads the next.
    fn take(&mut self) -> Result<Option<EntryRef<'b>>, TimelineError> {
        let next = match &mut self.tree {
            None => None,
            Some((id, iter)) => iter.next().transpose().map_err(|source| TimelineError::object(*id, source))?,
        };
        Ok(std::mem::replace(&mut self.current, next))
    }
}
