//! What the work tree has that the commit has not: edits not committed yet, laid over the committed state.
//!
//! The cached file states of the staging area say which files need not be read. Nothing is followed through a link.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::index::entry::Stage;

use super::error::{Error, gix_error, io_error};
use super::files::{Files, Standing};
use super::staging::{Entry, Staging, stat};
use super::standing::same_content;
use super::{Snapshot, Store};

/// Records above this size are reported, not read; the same as for those that are committed.
pub const LARGEST_RECORD: u64 = crate::text::parse::MAX_BYTES as u64;

/// Files that are read sooner than a large staging area.
const FEW: usize = 64;

/// One path whose work tree state differs from the commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Desk-relative path.
    pub path: String,
    /// What is there instead.
    pub state: State,
    /// The staging area holds exactly what the work tree does.
    pub staged: bool,
}

/// What stands in the work tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// A record with this content, which the commit has not or has otherwise.
    Record(Vec<u8>),
    /// A file that is no record: new or changed, not read.
    Attachment,
    /// Nothing, where the commit has a file.
    Deleted,
    /// Several versions, from a merge that is not resolved.
    Unmerged,
    /// A symbolic link, or something that is neither file nor folder.
    Link,
    /// A record too large to read, of this many bytes.
    Oversized(u64),
    /// A file or folder that cannot be read, and why.
    Unreadable(String),
}

/// What the staging area has of one path.
enum Staged {
    Nothing,
    Entry(Entry),
    Unmerged,
}

struct Overlaying<'a> {
    store: &'a Store,
    snapshot: &'a Snapshot,
    staging: Staging,
    files: Files,
    options: gix::index::entry::stat::Options,
    found: Vec<Overlay>,
    /// Folders that could not be read, until those above are done.
    unreadable: Vec<String>,
}

impl Store {
    /// Everything below `folders` (desk-relative) that differs from `snapshot`, by path.
    ///
    /// Files that sparse checkout leaves out are as the commit has them. A file that differs by CRLF line ends alone is not
    /// different.
    pub fn overlay(&self, snapshot: &Snapshot, folders: &[&str]) -> Result<Vec<Overlay>, Error> {
        let mut overlaying = self.overlaying(snapshot)?;
        for folder in folders {
            overlaying.folder(folder)?;
        }
        let mut found = overlaying.found;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// As [`Store::overlay`], of single files.
    pub fn overlay_files(&self, snapshot: &Snapshot, paths: &[&str]) -> Result<Vec<Overlay>, Error> {
        let mut paths = paths.to_vec();
        // Few files are read sooner than the staging area of a large desk. While something is merged it may say more of a file
        // than the file does.
        if paths.len() <= FEW && self.in_progress().is_none() {
            let mut doubtful = Vec::new();
            for path in paths {
                if !self.is_as_committed(snapshot, path)? {
                    doubtful.push(path);
                }
            }
            paths = doubtful;
        }
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let mut overlaying = self.overlaying(snapshot)?;
        for path in paths {
            overlaying.file(path)?;
        }
        let mut found = overlaying.found;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// What stands at one path of the desk, whatever the commit has there. Nothing is followed through a link, and no more is read
    /// than a record may have.
    ///
    /// # Errors
    /// When what is there cannot be read, as a folder.
    pub fn file_at(&self, path: &str) -> Result<State, Error> {
        let (files, full) = (Files::new(self.work_dir()), self.repository_path(path));
        for at in super::files::ancestors(&full).chain([full.as_str()]) {
            if files.standing(at)? == Standing::Symlink {
                return Ok(State::Link);
            }
        }
        Ok(match small_file(&files, &full)? {
            None => State::Deleted,
            Some(Ok(bytes)) => State::Record(bytes),
            Some(Err(size)) => State::Oversized(size),
        })
    }

    /// Whether a file holds what the commit has, so that nothing else can be said of it.
    fn is_as_committed(&self, snapshot: &Snapshot, path: &str) -> Result<bool, Error> {
        let Some(was) = snapshot.find(path)? else { return Ok(false) };
        let (files, full) = (Files::new(self.work_dir()), self.repository_path(path));
        let small = |meta: std::fs::Metadata| meta.is_file() && meta.len() <= LARGEST_RECORD;
        if !files.full(&full).symlink_metadata().is_ok_and(small) {
            return Ok(false);
        }
        // What cannot be read, or leads through a link, is for the full look to tell of.
        let Ok(Some(bytes)) = files.read(&full) else { return Ok(false) };
        same_content(&bytes, was, self.repo().object_hash())
    }

    fn overlaying<'a>(&'a self, snapshot: &'a Snapshot) -> Result<Overlaying<'a>, Error> {
        Ok(Overlaying {
            store: self,
            snapshot,
            staging: Staging::glance(self)?,
            files: Files::new(self.work_dir()),
            options: self.repo().stat_options().map_err(gix_error("the configuration is wrong"))?,
            found: Vec::new(),
            unreadable: Vec::new(),
        })
    }
}

impl Overlaying<'_> {
    /// One file, as [`Overlaying::folder`] would see it.
    fn file(&mut self, path: &str) -> Result<(), Error> {
        let full = self.store.repository_path(path);
        let was = self.snapshot.find(path)?;
        let top = self.store.repository_path(path.split('/').next().unwrap_or_default());
        for above in super::files::ancestors(&full) {
            if matches!(self.files.standing(above)?, Standing::Symlink | Standing::Other) {
                // A whole kind behind a link is reported, and stays as the commit has it; a folder within it is gone.
                if was.is_some() && above.len() > top.len() {
                    self.found.push(Overlay { path: path.to_owned(), state: State::Deleted, staged: false });
                }
                return Ok(());
            }
        }
        let entry = self.staged(&full);
        if matches!(entry, Staged::Unmerged) {
            self.found.push(Overlay { path: path.to_owned(), state: State::Unmerged, staged: false });
            return Ok(());
        }
        match (self.files.standing(&full)?, entry) {
            (Standing::Symlink | Standing::Other, _) => {
                self.found.push(Overlay { path: path.to_owned(), state: State::Link, staged: false });
                Ok(())
            }
            (Standing::File, Staged::Entry(entry)) => self.tracked(path.to_owned(), &entry, was),
            (Standing::File, _) => self.read(path.to_owned(), was, None),
            (_, Staged::Entry(entry)) if entry.left_out => self.left_out(path.to_owned(), &entry, was),
            (_, entry) => {
                if was.is_some() {
                    let staged = matches!(entry, Staged::Nothing);
                    self.found.push(Overlay { path: path.to_owned(), state: State::Deleted, staged });
                }
                Ok(())
            }
        }
    }

    fn staged(&self, full: &str) -> Staged {
        let index = &self.staging.index;
        let name = full.as_bytes().as_bstr();
        let conflicted = [Stage::Base, Stage::Ours, Stage::Theirs];
        if conflicted.into_iter().any(|stage| index.entry_index_by_path_and_stage(name, stage).is_some()) {
            return Staged::Unmerged;
        }
        match index.entry_by_path_and_stage(name, Stage::Unconflicted) {
            None => Staged::Nothing,
            Some(entry) => Staged::Entry(Entry::of(entry)),
        }
    }

    fn folder(&mut self, folder: &str) -> Result<(), Error> {
        let full = self.store.repository_path(folder);
        for above in super::files::ancestors(&full).chain([full.as_str()]) {
            if matches!(self.files.standing(above)?, Standing::Symlink | Standing::Other) {
                self.found.push(Overlay { path: folder.to_owned(), state: State::Link, staged: false });
                return Ok(());
            }
        }
        let mut committed: BTreeMap<String, ObjectId> = self.snapshot.walk_folder(folder)?.files.into_iter().collect();
        let mut seen = BTreeSet::new();
        let (entries, unmerged) = self.entries(&full);
        for path in unmerged {
            committed.remove(&path);
            seen.insert(path.clone());
            self.found.push(Overlay { path, state: State::Unmerged, staged: false });
        }
        let (mut present, before) = (BTreeSet::new(), self.found.len());
        self.scan(folder, &mut present)?;
        // What stands in the place of a file is told as that; the file is not gone besides.
        let replaced: BTreeSet<String> = self.found[before..].iter().map(|overlay| overlay.path.clone()).collect();
        // What lies in a folder that cannot be read is not gone: it stays as the commit has it.
        let hidden: Vec<String> = self.unreadable.drain(..).map(|folder| format!("{folder}/")).collect();
        let is_hidden = |path: &str| replaced.contains(path) || hidden.iter().any(|folder| path.starts_with(folder));
        committed.retain(|path, _| !is_hidden(path));
        for (path, entry) in entries.into_iter().filter(|(path, _)| !is_hidden(path)) {
            let was = committed.remove(&path);
            seen.insert(path.clone());
            let here = present.contains(&path);
            match here {
                true => self.tracked(path, &entry, was)?,
                false if entry.left_out => self.left_out(path, &entry, was)?,
                false if was.is_some() => self.found.push(Overlay { path, state: State::Deleted, staged: false }),
                false => {}
            }
        }
        for path in present {
            if !seen.contains(&path) {
                let was = committed.remove(&path);
                self.read(path, was, None)?;
            }
        }
        for (path, _) in committed {
            self.found.push(Overlay { path, state: State::Deleted, staged: true });
        }
        Ok(())
    }

    /// Staged entries below a folder by desk-relative path, and the paths that are unmerged.
    fn entries(&self, full: &str) -> (Vec<(String, Entry)>, BTreeSet<String>) {
        let index = &self.staging.index;
        let inside = if full.is_empty() { String::new() } else { format!("{full}/") };
        let cut = self.store.repository_path("").len();
        let cut = if cut == 0 { 0 } else { cut + 1 };
        let (mut entries, mut unmerged) = (Vec::new(), BTreeSet::new());
        for entry in index.prefixed_entries(inside.as_bytes().as_bstr()).unwrap_or_default() {
            let Ok(path) = entry.path(index).to_str() else { continue };
            let path = path[cut..].to_owned();
            if entry.stage() != Stage::Unconflicted {
                unmerged.insert(path);
                continue;
            }
            entries.push((path, Entry::of(entry)));
        }
        (entries, unmerged)
    }

    /// Files in the work tree below a folder, whether tracked or not.
    fn scan(&mut self, folder: &str, present: &mut BTreeSet<String>) -> Result<(), Error> {
        let full = self.files.full(&self.store.repository_path(folder));
        let listed = match std::fs::read_dir(&full) {
            Ok(listed) => listed,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                let state = State::Unreadable(error.to_string());
                self.found.push(Overlay { path: folder.to_owned(), state, staged: false });
                self.unreadable.push(folder.to_owned());
                return Ok(());
            }
        };
        for item in listed {
            let item = item.map_err(io_error(&full))?;
            let kind = item.file_type().map_err(io_error(item.path()))?;
            // Editors keep their own files beside those they edit.
            let Some(name) = item.file_name().to_str().filter(|name| !name.starts_with('.')).map(str::to_owned) else {
                continue;
            };
            if name.ends_with('~') {
                continue;
            }
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if kind.is_dir() {
                self.scan(&path, present)?;
            } else if kind.is_file() {
                present.insert(path);
            } else {
                self.found.push(Overlay { path, state: State::Link, staged: false });
            }
        }
        Ok(())
    }

    fn tracked(&mut self, path: String, entry: &Entry, was: Option<ObjectId>) -> Result<(), Error> {
        let now = match stat(&self.files.full(&self.store.repository_path(&path))) {
            Ok(now) => now,
            Err(error) => {
                self.found.push(Overlay { path, state: State::Unreadable(error.to_string()), staged: false });
                return Ok(());
            }
        };
        let as_staged = self.staging.proves(entry, &now, self.options);
        if as_staged && was == Some(entry.id) && !entry.intent {
            return Ok(());
        }
        self.read(path, was, Some(entry))
    }

    /// A file that is not there on purpose: what is staged counts.
    fn left_out(&mut self, path: String, entry: &Entry, was: Option<ObjectId>) -> Result<(), Error> {
        if was == Some(entry.id) {
            return Ok(());
        }
        let state = match is_record(&path) {
            true => State::Record(self.snapshot.blob(entry.id)?),
            false => State::Attachment,
        };
        self.found.push(Overlay { path, state, staged: true });
        Ok(())
    }

    fn read(&mut self, path: String, was: Option<ObjectId>, entry: Option<&Entry>) -> Result<(), Error> {
        let full = self.store.repository_path(&path);
        let mut staged = false;
        let state = match small_file(&self.files, &full) {
            Ok(None) => return Ok(()),
            Ok(Some(Err(size))) if is_record(&path) => State::Oversized(size),
            Ok(Some(Err(_))) => State::Attachment,
            Ok(Some(Ok(bytes))) => {
                let hash = self.store.repo().object_hash();
                if let Some(was) = was
                    && same_content(&bytes, was, hash)?
                {
                    return Ok(());
                }
                staged = match entry {
                    Some(entry) if !entry.intent => same_content(&bytes, entry.id, hash)?,
                    _ => false,
                };
                if is_record(&path) { State::Record(bytes) } else { State::Attachment }
            }
            Err(error) => State::Unreadable(error.to_string()),
        };
        self.found.push(Overlay { path, state, staged });
        Ok(())
    }
}

/// The bytes of a file, or its size when it is too large; `None` when it is gone.
fn small_file(files: &Files, full: &str) -> Result<Option<Result<Vec<u8>, u64>>, Error> {
    let size = match files.full(full).symlink_metadata() {
        Ok(meta) => meta.len(),
        Err(_) => return Ok(None),
    };
    if size > LARGEST_RECORD {
        return Ok(Some(Err(size)));
    }
    Ok(files.read(full)?.map(Ok))
}

fn is_record(path: &str) -> bool {
    path.ends_with(".toml")
}
