//! What differs between two trees, below one folder: only subtrees that differ are read.
//!
//! gix's own walk records every change through a delegate and reads each tree anew. Here a tree read for one commit is at
//! hand for its parent or child, and of two folders that differ in one file only that place is looked at: a month of a
//! busy desk is a tree of 200 KB, written anew with each commit.

use std::cmp::Ordering;
use std::rc::Rc;

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::objs::tree::EntryRef;
use gix::objs::{FindExt, TreeRefIter};
use gix::prelude::HeaderExt;

use super::TimelineError;
use super::caches::Generations;
use super::graph::Delta;

/// How much of trees is kept in memory: the months that a desk works on at the time.
const TREE_BYTES: usize = 8 << 20;

/// Compares trees of one repository below one folder.
pub(super) struct Trees<'r> {
    objects: &'r gix::OdbHandle,
    hash: gix::hash::Kind,
    /// Components of the desk's folder.
    prefix: Vec<String>,
    /// Files or folders to look at, relative to the desk; all of them if `None`.
    paths: Option<Vec<String>>,
    trees: Generations<ObjectId, Rc<[u8]>>,
    buffer: Vec<u8>,
    /// The largest two that were compared of late, and their length.
    largest: Option<([ObjectId; 2], usize)>,
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
            trees: Generations::new(TREE_BYTES),
            buffer: Vec::new(),
            largest: None,
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

    /// Whether packs tell the older of two trees by its difference to the newer, as far as the largest two compared since the
    /// last question show it.
    pub(super) fn builds_on_newer(&mut self) -> Option<bool> {
        let ([old, new], _) = self.largest.take()?;
        let steps = |id: ObjectId| self.objects.header(id).ok()?.num_deltas();
        Some(steps(old)? > steps(new)?)
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
        let mut tree = Some(root);
        for part in &self.prefix.clone() {
            let Some(id) = tree else { break };
            let data = self.read(Some(id))?;
            tree = None;
            for entry in TreeRefIter::from_bytes(&data, self.hash) {
                let entry = entry.map_err(|source| TimelineError::object(id, source))?;
                if entry.filename == part.as_str() && entry.mode.is_tree() {
                    tree = Some(entry.oid.to_owned());
                    break;
                }
            }
        }
        self.folders[self.next_folder] = Some((root, tree));
        self.next_folder = (self.next_folder + 1) % self.folders.len();
        Ok(tree)
    }

    /// The bytes of a tree; none for `None`.
    fn read(&mut self, id: Option<ObjectId>) -> Result<Rc<[u8]>, TimelineError> {
        let Some(id) = id.filter(|id| !id.is_empty_tree()) else { return Ok(Rc::new([])) };
        if let Some(known) = self.trees.get(&id) {
            return Ok(known.clone());
        }
        let found = self.objects.find_tree_iter(&id, &mut self.buffer);
        found.map_err(|source| TimelineError::object(id, source))?;
        let data: Rc<[u8]> = self.buffer.as_slice().into();
        self.trees.put(id, data.clone(), data.len());
        Ok(data)
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
        let (before, after) = (self.read(old)?, self.read(new)?);
        if let (Some(old), Some(new)) = (old, new)
            && self.largest.is_none_or(|(_, length)| length < after.len())
        {
            self.largest = Some(([old, new], after.len()));
        }
        let damaged = |id: Option<ObjectId>| {
            let id = id.unwrap_or(ObjectId::null(self.hash));
            move |source| TimelineError::object(id, source)
        };
        let (damaged_old, damaged_new) = (damaged(old), damaged(new));
        let length = self.hash.len_in_bytes();
        let alike = Alike::of(&before, &after, length);
        let mut left = Entries { rest: &before[alike.start..], hash: self.hash };
        let mut right = Entries { rest: &after[alike.start..], hash: self.hash };
        loop {
            if left.rest.len() == right.rest.len() && left.rest.len() <= alike.end {
                return Ok(());
            }
            let (a, b) = (left.first().map_err(&damaged_old)?, right.first().map_err(&damaged_new)?);
            let order = match (&a, &b) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(a), Some(b)) => a.cmp(b),
            };
            let (a, b) = (a.filter(|_| order.is_le()), b.filter(|_| order.is_ge()));
            left.skip(a);
            right.skip(b);
            self.entry(a, b, path, found)?;
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

/// What two trees have in common at both ends.
struct Alike {
    /// The length of the first entries, which are the same.
    start: usize,
    /// How many of the last bytes are the same, not counting those.
    end: usize,
}

impl Alike {
    fn of(old: &[u8], new: &[u8], hash_length: usize) -> Alike {
        let same = same_start(old, new);
        let end = same_end(&old[same..], &new[same..]);
        // Where entries begin can only be told from the first on, as an id may hold any byte.
        let mut start = 0;
        while let Some(next) = after_entry(old, start, hash_length).filter(|&next| next <= same) {
            start = next;
        }
        Alike { start, end }
    }
}

/// Compared at a time, so that the comparison of memory does the work.
const BLOCK: usize = 256;

fn same_start(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.chunks_exact(BLOCK).zip(b.chunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    blocks + a[blocks..].iter().zip(&b[blocks..]).take_while(|(a, b)| a == b).count()
}

fn same_end(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.rchunks_exact(BLOCK).zip(b.rchunks_exact(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    let (a, b) = (&a[..a.len() - blocks], &b[..b.len() - blocks]);
    blocks + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Where the entry ends that begins at `start`; an entry is `MODE NAME`, a zero byte and the bytes of an id.
fn after_entry(tree: &[u8], start: usize, hash_length: usize) -> Option<usize> {
    let zero = tree.get(start..)?.find_byte(0)?;
    Some(start + zero + 1 + hash_length)
}

/// The entries of a tree from some on.
struct Entries<'b> {
    rest: &'b [u8],
    hash: gix::hash::Kind,
}

impl<'b> Entries<'b> {
    /// The next entry.
    fn first(&self) -> gix::Result<Option<EntryRef<'b>>> {
        TreeRefIter::from_bytes(self.rest, self.hash).next().transpose()
    }

    /// Goes on after the next entry, if it is this one.
    fn skip(&mut self, entry: Option<EntryRef<'b>>) {
        if entry.is_some() {
            let end = after_entry(self.rest, 0, self.hash.len_in_bytes()).unwrap_or(self.rest.len());
            self.rest = self.rest.get(end..).unwrap_or_default();
        }
    }
}
