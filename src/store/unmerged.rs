//! Files that a merge left unmerged: their versions, what the sides are called, and staging what was decided.
//!
//! The one way to write while git is in the middle of something: single unmerged files, never a commit.

use std::collections::{BTreeMap, BTreeSet};

use gix::ObjectId;
use gix::bstr::ByteSlice;
use gix::index::entry::{Mode, Stage};
use gix::objs::FindExt;

use super::error::{Error, gix_error};
use super::files::Files;
use super::staging::Staging;
use super::{Store, trailers};

/// A file that a merge left unmerged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmerged {
    /// The path from the repository's root.
    pub path: String,
    /// The path from the desk's root; nothing when it lies elsewhere in the repository.
    pub desk_path: Option<String>,
    /// What both sides began with; nothing when both made the file.
    pub base: Option<Vec<u8>>,
    /// What our side has; nothing when it took the file away.
    pub ours: Option<Vec<u8>>,
    /// What their side has; nothing when it took the file away.
    pub theirs: Option<Vec<u8>>,
    /// What stands in the work tree; nothing when no file does.
    pub file: Option<Vec<u8>>,
    /// One of them is no plain file, as a link or a submodule, or cannot be read; that one is empty here.
    pub is_odd: bool,
}

/// What the two sides of a merge are, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideNames {
    /// Ours: in a rebase what the commits are put on.
    pub ours: String,
    /// Theirs: in a rebase one's own commit.
    pub theirs: String,
}

impl Unmerged {
    /// The same with the sides changing places; what is marked is what our side had.
    pub(crate) fn turned(self) -> Self {
        Self { ours: self.theirs, theirs: self.ours, ..self }
    }
}

impl Store {
    /// The unmerged files of the whole repository, by path. Those outside the desk are named and not read.
    ///
    /// # Errors
    /// When the staging area cannot be read.
    pub fn unmerged(&self) -> Result<Vec<Unmerged>, Error> {
        let staging = Staging::read(self)?;
        let mut found: BTreeMap<String, [Option<(ObjectId, bool)>; 3]> = BTreeMap::new();
        for entry in staging.index.entries() {
            let at = match entry.stage() {
                Stage::Unconflicted => continue,
                Stage::Base => 0,
                Stage::Ours => 1,
                Stage::Theirs => 2,
            };
            let path = entry.path(&staging.index).to_str_lossy().into_owned();
            let is_plain = matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE);
            found.entry(path).or_default()[at] = Some((entry.id, is_plain));
        }
        let prefix = if self.prefix().is_empty() { String::new() } else { format!("{}/", self.prefix()) };
        let files = Files::new(self.work_dir());
        let read = |(path, versions): (String, [Option<(ObjectId, bool)>; 3])| {
            let desk_path = path.strip_prefix(&prefix).map(str::to_owned);
            let (is_ours, mut is_odd) = (desk_path.is_some(), false);
            let mut plain = |bytes: Option<Vec<u8>>| {
                is_odd |= bytes.is_none();
                bytes.unwrap_or_default()
            };
            let [base, ours, theirs] = versions.map(|version| {
                let (id, is_plain) = version.filter(|_| is_ours)?;
                Some(plain(self.bytes(id).ok().filter(|_| is_plain)))
            });
            let file = if is_ours { files.read(&path).unwrap_or_else(|_| Some(plain(None))) } else { None };
            Unmerged { path, desk_path, base, ours, theirs, file, is_odd }
        };
        Ok(found.into_iter().map(read).collect())
    }

    /// The paths of the desk's unmerged files.
    ///
    /// # Errors
    /// When the staging area cannot be read.
    pub fn unmerged_paths(&self) -> Result<BTreeSet<String>, Error> {
        let staging = Staging::read(self)?;
        let unmerged = staging.index.entries().iter().filter(|entry| entry.stage() != Stage::Unconflicted);
        let prefix = self.repository_path("");
        let in_desk = |path: String| match prefix.as_str() {
            "" => Some(path),
            prefix => Some(path.strip_prefix(prefix)?.strip_prefix('/')?.to_owned()),
        };
        Ok(unmerged.filter_map(|entry| in_desk(entry.path(&staging.index).to_str_lossy().into_owned())).collect())
    }

    fn bytes(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        let found = self.repo().objects.find_blob(&id, &mut buffer);
        found.map(|_| ()).map_err(gix_error(format!("blob {id} is unreadable")))?;
        Ok(buffer)
    }

    /// What the sides of the merge that is under way are. `label` is what the marks of a conflict call their side.
    ///
    /// # Errors
    /// When HEAD cannot be read.
    pub fn side_names(&self, label: Option<&str>) -> Result<SideNames, Error> {
        let head = self.head()?;
        let (ours, other) = match self.in_progress() {
            Some("rebase") => ("what you rebase onto".to_owned(), "REBASE_HEAD"),
            what => {
                let other = match what {
                    Some("cherry-pick") => "CHERRY_PICK_HEAD",
                    Some("revert") => "REVERT_HEAD",
                    _ => "MERGE_HEAD",
                };
                (head.branch.unwrap_or_else(|| "HEAD".to_owned()), other)
            }
        };
        let theirs = match label.filter(|label| !label.is_empty() && *label != "theirs") {
            Some(label) => label.to_owned(),
            None => match self.resolve(other) {
                Ok(commit) => {
                    let info = self.commit_info(commit)?;
                    format!("{} ({})", commit.to_hex_with_len(7), trailers::subject(&info.message))
                }
                Err(_) => "theirs".to_owned(),
            },
        };
        Ok(SideNames { ours, theirs })
    }

    /// Whether the staging area is as HEAD, so that a commit would change nothing.
    ///
    /// # Errors
    /// When git is missing or fails.
    pub fn nothing_is_staged(&self) -> Result<bool, Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        Ok(git.finish(command.args(["diff", "--cached", "--name-only", "--no-ext-diff"]))?.is_empty())
    }

    /// Writes an unmerged file, whole or not at all, and leaves it unmerged.
    ///
    /// # Errors
    /// When the path leads through a link, or the file cannot be written.
    pub fn write_unmerged(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let files = Files::new(self.work_dir());
        files.prepare(path, bytes, self.durable)?;
        files.replace(path)
    }

    /// Stages what stands at a path as the outcome of its merge, as `git add` does; nothing there is staged as taken away.
    ///
    /// # Errors
    /// When git is missing or refuses.
    pub fn settle(&self, path: &str) -> Result<(), Error> {
        let git = self.git()?;
        // A link is staged as it is, too.
        let is_there = self.work_dir().join(path).symlink_metadata().is_ok();
        let words: &[&str] =
            if is_there { &["add", "--sparse", "--"] } else { &["rm", "-q", "--cached", "--sparse", "--"] };
        let mut command = git.command(self.work_dir());
        command.arg("--literal-pathspecs").args(words).arg(path);
        git.finish(&mut command).map(|_| ())
    }

    /// Puts the whole of our side, or of theirs, in place, and stages it: by git, which knows how the work tree has it.
    ///
    /// # Errors
    /// As for [`Store::settle`].
    pub fn settle_as(&self, path: &str, ours: bool) -> Result<(), Error> {
        let git = self.git()?;
        let mut command = git.command(self.work_dir());
        let side = if ours { "--ours" } else { "--theirs" };
        command.args(["--literal-pathspecs", "checkout", "--quiet", side, "--"]).arg(path);
        git.finish(&mut command)?;
        self.settle(path)
    }

    /// Takes an unmerged file away, and stages that.
    ///
    /// # Errors
    /// As for [`Store::settle`].
    pub fn settle_as_gone(&self, path: &str) -> Result<(), Error> {
        Files::new(self.work_dir()).remove(path)?;
        self.settle(path)
    }
}
