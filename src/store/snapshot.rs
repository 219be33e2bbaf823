//! The desk as one commit has it.

use std::cell::OnceCell;

use gix::ObjectId;
use gix::objs::FindExt;

use super::error::{Error, gix_error};
use crate::record::{Kind, Name};
use crate::text::parse::Parsed;

/// The desk's files in one commit; cheap to make, reads on demand.
#[derive(Debug, Clone)]
pub struct Snapshot {
    repo: gix::Repository,
    commit: Option<ObjectId>,
    /// The tree of the whole repository, where no commit has it yet.
    whole: Option<ObjectId>,
    prefix: String,
    /// The desk's own tree, found when something of it is first asked for.
    tree: OnceCell<Option<ObjectId>>,
}

/// What stands in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The plain name.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
    /// The object it names.
    pub id: ObjectId,
}

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A file that can be run as a program.
    Program,
    /// A folder.
    Folder,
    /// A symbolic link, which is never followed.
    Symlink,
    /// The commit of another repository.
    Submodule,
}

impl EntryKind {
    /// Whether it is a file, be it one that can be run.
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Program)
    }
}

/// Every file below a folder, and what was skipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Walk {
    /// Desk-relative path and blob of each file, in git's order.
    pub files: Vec<(String, ObjectId)>,
    /// Symbolic links, submodules, and names that are not UTF-8.
    pub skipped: Vec<String>,
}

impl Snapshot {
    /// The desk below `prefix` in `commit`; `None` is the desk of a repository without commits.
    pub(crate) fn new(repo: &gix::Repository, commit: Option<ObjectId>, prefix: &str) -> Result<Self, Error> {
        Ok(Self { repo: repo.clone(), commit, whole: None, prefix: prefix.to_owned(), tree: OnceCell::new() })
    }

    /// The desk below `prefix` in a tree that is in no commit yet.
    pub(crate) fn of_tree(repo: &gix::Repository, tree: ObjectId, prefix: &str) -> Self {
        let prefix = prefix.to_owned();
        Self { repo: repo.clone(), commit: None, whole: Some(tree), prefix, tree: OnceCell::new() }
    }

    fn root(&self) -> Result<Option<ObjectId>, Error> {
        if let Some(known) = self.tree.get() {
            return Ok(*known);
        }
        let mut tree = match self.whole {
            Some(tree) => Some(tree),
            None => self.commit.map(|id| tree_of(&self.repo, id)).transpose()?,
        };
        if !self.prefix.is_empty()
            && let Some(root) = tree
        {
            let found = self.entry_in(root, &self.prefix)?;
            tree = found.filter(|(kind, _)| *kind == EntryKind::Folder).map(|(_, id)| id);
        }
        Ok(*self.tree.get_or_init(|| tree))
    }

    /// The commit, if there is one.
    pub fn commit(&self) -> Option<ObjectId> {
        self.commit
    }

    /// The bytes of the file at a desk-relative path; `None` when there is no file.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.entry(path)? {
            Some((EntryKind::File | EntryKind::Program, id)) => self.blob(id).map(Some),
            _ => Ok(None),
        }
    }

    /// The blob at a desk-relative path; `None` when there is no file.
    pub fn find(&self, path: &str) -> Result<Option<ObjectId>, Error> {
        Ok(self.entry(path)?.filter(|(kind, _)| kind.is_file()).map(|(_, id)| id))
    }

    /// What stands in a folder, "" for the desk's root; empty when there is no such folder.
    pub fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let Some(id) = self.folder(folder)? else { return Ok(Vec::new()) };
        let mut buffer = Vec::new();
        let tree = self.repo.objects.find_tree_iter(&id, &mut buffer).map_err(gix_error("a tree is unreadable"))?;
        let mut entries = Vec::new();
        for entry in tree {
            let entry = entry.map_err(gix_error("a tree is damaged"))?;
            if let Ok(name) = std::str::from_utf8(entry.filename) {
                entries.push(Entry { name: name.to_owned(), kind: kind(entry.mode), id: entry.oid.to_owned() });
            }
        }
        Ok(entries)
    }

    /// Every file of the desk.
    pub fn walk(&self) -> Result<Walk, Error> {
        self.walk_folder("")
    }

    /// Every file below a folder, "" for the desk's root.
    pub fn walk_folder(&self, folder: &str) -> Result<Walk, Error> {
        let mut walk = Walk::default();
        if let Some(id) = self.folder(folder)? {
            let mut path = folder.to_owned();
            self.walk_tree(id, &mut path, &mut walk)?;
        }
        Ok(walk)
    }

    /// The bytes of a blob.
    pub fn blob(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        self.blob_into(id, &mut buffer)?;
        Ok(buffer)
    }

    /// The record in a blob.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn record(&self, kind: Kind, name: &Name, path: &str, id: ObjectId) -> Result<Parsed, Error> {
        super::reading::record_in(&self.repo, kind, name, path, id)
    }

    /// How long an object is, in bytes; `None` where it cannot be read.
    pub(crate) fn size(&self, id: ObjectId) -> Option<u64> {
        Some(self.repo.find_header(id).ok()?.size())
    }

    /// Reads a blob into a buffer that a loop can keep.
    pub fn blob_into(&self, id: ObjectId, buffer: &mut Vec<u8>) -> Result<(), Error> {
        let what = || format!("blob {id} is unreadable");
        // An empty blob is found without a look at the buffer, which then still holds the one before.
        buffer.clear();
        self.repo.objects.find_blob(&id, buffer).map_err(|error| gix_error(what())(error))?;
        Ok(())
    }

    fn folder(&self, folder: &str) -> Result<Option<ObjectId>, Error> {
        if folder.is_empty() {
            return self.root();
        }
        Ok(self.entry(folder)?.filter(|(kind, _)| *kind == EntryKind::Folder).map(|(_, id)| id))
    }

    /// What stands at a desk-relative path.
    pub(crate) fn entry(&self, path: &str) -> Result<Option<(EntryKind, ObjectId)>, Error> {
        let Some(tree) = self.root()? else { return Ok(None) };
        self.entry_in(tree, path)
    }

    fn entry_in(&self, mut tree: ObjectId, path: &str) -> Result<Option<(EntryKind, ObjectId)>, Error> {
        let mut buffer = Vec::new();
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let entries =
                self.repo.objects.find_tree_iter(&tree, &mut buffer).map_err(gix_error("a tree is unreadable"))?;
            let mut found = None;
            for entry in entries {
                let entry = entry.map_err(gix_error("a tree is damaged"))?;
                if entry.filename == part.as_bytes() {
                    found = Some((kind(entry.mode), entry.oid.to_owned()));
                    break;
                }
            }
            match found {
                None => return Ok(None),
                found if parts.peek().is_none() => return Ok(found),
                Some((EntryKind::Folder, id)) => tree = id,
                Some(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    fn walk_tree(&self, tree: ObjectId, path: &mut String, walk: &mut Walk) -> Result<(), Error> {
        let mut buffer = Vec::new();
        let entries =
            self.repo.objects.find_tree_iter(&tree, &mut buffer).map_err(gix_error("a tree is unreadable"))?;
        let length = path.len();
        for entry in entries {
            let entry = entry.map_err(gix_error("a tree is damaged"))?;
            if !path.is_empty() {
                path.push('/');
            }
            let name = String::from_utf8_lossy(entry.filename);
            path.push_str(&name);
            let readable = matches!(name, std::borrow::Cow::Borrowed(_));
            match kind(entry.mode) {
                kind if kind.is_file() && readable => walk.files.push((path.clone(), entry.oid.to_owned())),
                EntryKind::Folder if readable => self.walk_tree(entry.oid.to_owned(), path, walk)?,
                _ => walk.skipped.push(path.clone()),
            }
            path.truncate(length);
        }
        Ok(())
    }
}

/// The root tree of a commit.
pub(crate) fn tree_of(repo: &gix::Repository, commit: ObjectId) -> Result<ObjectId, Error> {
    let mut buffer = Vec::new();
    let what = || format!("commit {commit} is unreadable");
    let mut commit = repo.objects.find_commit_iter(&commit, &mut buffer).map_err(|error| gix_error(what())(error))?;
    commit.tree_id().map_err(gix_error(what()))
}

fn kind(mode: gix::objs::tree::EntryMode) -> EntryKind {
    use gix::objs::tree::EntryKind as Git;
    match mode.kind() {
        Git::Tree => EntryKind::Folder,
        Git::Blob => EntryKind::File,
        Git::BlobExecutable => EntryKind::Program,
        Git::Link => EntryKind::Symlink,
        Git::Commit => EntryKind::Submodule,
    }
}
