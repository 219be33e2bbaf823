//! Many commits at once: an import or a demo, fed to `git fast-import`.
//!
//! The commits go to a private reference, `refs/staple/import/OP`, and nowhere else: no branch, work tree or staging
//! area is touched. Landing them is one ordinary move of the branch, done by the commit protocol, after which
//! [`settle`] publishes the tags and removes the private references. Commits written here are not signed and no hook
//! runs for them.

mod alive;

use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

use gix::ObjectId;
use gix::refs::transaction::PreviousValue;

use super::Signature;
use crate::record::plain::is_hidden;
pub use alive::Alive;

/// Why commits could not be written in bulk.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// The git program did not start.
    #[error("cannot start {program}")]
    Start {
        /// The program as it was called.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// `git fast-import` gave up; the text is what it wrote to its standard error.
    #[error("git fast-import failed: {stderr}")]
    Git {
        /// What git said, trimmed.
        stderr: String,
    },
    /// The operation or a tag has a name that cannot be part of a reference.
    #[error("not usable in a reference name: {0:?}")]
    Name(String),
    /// A path leaves the repository or names something that git forbids.
    #[error("not a path in a repository: {0:?}")]
    Path(String),
    /// A time before 1970, which a commit cannot carry.
    #[error("a commit cannot be dated before 1970: {0}")]
    Time(i64),
    /// A tag names a mark that no commit has.
    #[error("no commit has the mark {0}")]
    Mark(u64),
    /// Neither a base nor a commit: there is no tip.
    #[error("nothing was written")]
    Nothing,
    /// The repository could not be read or written.
    #[error("cannot use the repository")]
    Repository(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One commit to write.
#[derive(Debug, Clone)]
pub struct BulkCommit {
    /// Who did it, and when it happened.
    pub author: Signature,
    /// Who recorded it, and when.
    pub committer: Signature,
    /// The whole message; a missing final line end is added.
    pub message: String,
    /// Files by their path from the root of the repository: the new content, or `None` to delete it.
    pub writes: Vec<(String, Option<Vec<u8>>)>,
}

/// A running import.
///
/// Dropped before [`Bulk::finish`], it stops git and removes the private references; what git had written until then
/// is unreachable and goes with the next `git gc`.
pub struct Bulk {
    repo: gix::Repository,
    op: String,
    base: Option<ObjectId>,
    child: Child,
    input: Option<BufWriter<ChildStdin>>,
    output: BufReader<ChildStdout>,
    stderr: Option<JoinHandle<String>>,
    marks: u64,
    tags: Vec<(String, ObjectId, Signature, String)>,
    finished: bool,
}

impl Bulk {
    /// Starts `git fast-import` for the operation `op`, on top of `base`, or with a history of its own.
    ///
    /// `git` is the git program, ready for its arguments. What an earlier, interrupted run of the same operation left at
    /// its private reference is replaced.
    ///
    /// # Errors
    /// [`BulkError::Name`] if `op` cannot be part of a reference, [`BulkError::Start`] if git is not there.
    pub fn start(
        repo: &gix::Repository,
        op: &str,
        base: Option<ObjectId>,
        mut git: Command,
    ) -> Result<Bulk, BulkError> {
        if op.contains('/') {
            return Err(BulkError::Name(op.to_owned()));
        }
        valid_reference(op, &import_ref(op))?;
        let program = git.get_program().to_string_lossy().into_owned();
        let start = |source| BulkError::Start { program, source };
        // The command may run in another folder than we do.
        let git_dir = match std::path::absolute(repo.git_dir()) {
            Ok(git_dir) => git_dir,
            Err(source) => return Err(start(source)),
        };
        let mut child = git
            .arg("--git-dir")
            .arg(git_dir)
            // The branch moves after this, so the objects have to survive a power cut as well.
            .args(["-c", "core.fsync=all"])
            .args(["fast-import", "--quiet", "--done", "--force"])
            .arg("--date-format=raw")
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(start)?;
        let (Some(stdin), Some(stdout), Some(mut stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(BulkError::Git { stderr: "no pipes to the child".to_owned() });
        };
        // Read all along: a child that fills this pipe would wait for us while we wait for it.
        let stderr = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            // A broken pipe here only shortens the error text.
            let _ = stderr.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).trim().to_owned()
        });
        Ok(Bulk {
            repo: repo.clone(),
            op: op.to_owned(),
            base,
            child,
            input: Some(BufWriter::with_capacity(1 << 16, stdin)),
            output: BufReader::new(stdout),
            stderr: Some(stderr),
            marks: 0,
            tags: Vec::new(),
            finished: false,
        })
    }

    /// Adds a commit on top of the one before and returns its mark, a number to tag it by.
    ///
    /// # Errors
    /// [`BulkError::Path`] and [`BulkError::Time`] come before anything was sent, so the import can go on without this
    /// commit; after [`BulkError::Git`] it cannot.
    pub fn commit(&mut self, commit: &BulkCommit) -> Result<u64, BulkError> {
        let mark = self.marks + 1;
        let mut head = Vec::with_capacity(512);
        push(&mut head, format_args!("commit {}\nmark :{mark}\n", import_ref(&self.op)));
        push(&mut head, format_args!("author {}\n", stamp_line(&commit.author)?));
        push(&mut head, format_args!("committer {}\n", stamp_line(&commit.committer)?));
        push_data(&mut head, message_text(&commit.message).as_bytes());
        if let (1, Some(base)) = (mark, self.base) {
            push(&mut head, format_args!("from {base}\n"));
        }
        for (path, content) in &commit.writes {
            let quoted = quoted_path(path)?;
            match content {
                None => push(&mut head, format_args!("D {quoted}\n")),
                Some(bytes) => {
                    push(&mut head, format_args!("M 100644 inline {quoted}\n"));
                    push_data(&mut head, bytes);
                }
            }
        }
        head.push(b'\n');
        self.send(&head)?;
        self.marks = mark;
        Ok(mark)
    }

    /// Puts an annotated tag on the commit with the mark `mark`; [`settle`] publishes it.
    ///
    /// # Errors
    /// [`BulkError::Name`] for a name git forbids, [`BulkError::Mark`] for a mark that [`Bulk::commit`] did not return.
    pub fn tag(&mut self, name: &str, mark: u64, tagger: &Signature, message: &str) -> Result<(), BulkError> {
        valid_reference(name, &format!("refs/tags/{name}"))?;
        if mark == 0 || mark > self.marks {
            return Err(BulkError::Mark(mark));
        }
        valid_time(tagger.time.unix())?;
        // fast-import would write straight to refs/tags, before anything has landed: only the id is asked for here.
        self.send(format!("get-mark :{mark}\n").as_bytes())?;
        self.flush()?;
        let mut line = String::new();
        let read = self.output.read_line(&mut line);
        let id = match (read, ObjectId::from_hex(line.trim().as_bytes())) {
            (Ok(_), Ok(id)) => id,
            _ => return Err(self.failure()),
        };
        self.tags.push((name.to_owned(), id, tagger.clone(), message_text(message)));
        Ok(())
    }

    /// Ends the import and returns the last commit, now at the private reference; the base if none was added.
    ///
    /// # Errors
    /// [`BulkError::Git`] if git refused something; then nothing is left but unreachable objects.
    pub fn finish(mut self) -> Result<ObjectId, BulkError> {
        self.send(b"done\n")?;
        self.flush()?;
        self.input = None;
        let status = self.child.wait();
        if !status.is_ok_and(|status| status.success()) {
            return Err(self.failure());
        }
        let tip = if self.marks == 0 {
            self.base.ok_or(BulkError::Nothing)?
        } else {
            let name = import_ref(&self.op);
            self.repo.find_reference(name.as_str()).map_err(repository)?.id().detach()
        };
        for (name, target, tagger, message) in std::mem::take(&mut self.tags) {
            self.write_tag(&name, target, &tagger, &message)?;
        }
        self.finished = true;
        Ok(tip)
    }

    fn write_tag(&self, name: &str, target: ObjectId, tagger: &Signature, message: &str) -> Result<(), BulkError> {
        let tag = gix::objs::Tag {
            target,
            target_kind: gix::objs::Kind::Commit,
            name: name.into(),
            tagger: Some(gix::actor::Signature {
                name: header_name(tagger).into(),
                email: header_text(&tagger.email).into(),
                time: gix::date::Time::new(tagger.time.unix(), zone_minutes(tagger.offset_seconds) * 60),
            }),
            message: message.into(),
            signature: None,
        };
        let id = self.repo.write_object(&tag).map_err(repository)?.detach();
        let name = format!("{}{name}", tag_prefix(&self.op));
        self.repo.reference(name.as_str(), id, PreviousValue::Any, "").map_err(repository)?;
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), BulkError> {
        let sent = self.input.as_mut().map(|input| input.write_all(bytes));
        match sent {
            Some(Ok(())) => Ok(()),
            _ => Err(self.failure()),
        }
    }

    fn flush(&mut self) -> Result<(), BulkError> {
        let flushed = self.input.as_mut().map(Write::flush);
        match flushed {
            Some(Ok(())) => Ok(()),
            _ => Err(self.failure()),
        }
    }

    /// Stops the child and turns what it said into an error.
    fn failure(&mut self) -> BulkError {
        let stderr = self.stop();
        BulkError::Git { stderr: if stderr.is_empty() { "it ended early".to_owned() } else { stderr } }
    }

    /// Ends the child, if need be by force, removes its crash report and returns what it said.
    fn stop(&mut self) -> String {
        if let Some(input) = self.input.take() {
            // Unwritten bytes are dropped: they must not reach a child that is about to be killed.
            let (pipe, _unsent) = input.into_parts();
            // Killed before the pipe closes: at the end of its input it would write a crash report. One that has failed
            // closed its end of the pipe only after saying why.
            let _ = self.child.kill();
            drop(pipe);
        }
        let _ = self.child.wait();
        let report = self.repo.git_dir().join(format!("fast_import_crash_{}", self.child.id()));
        // Mostly not there; if it is and stays, it is a text file in the git directory.
        let _ = std::fs::remove_file(report);
        self.stderr.take().and_then(|reader| reader.join().ok()).unwrap_or_default()
    }
}

impl Drop for Bulk {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        self.stop();
        // Nothing can be reported from here; what stays is replaced by the next run of the same operation.
        let _ = discard(&self.repo, &self.op);
    }
}

/// Publishes the tags of the operation `op` and removes its private references: the last step, once its commits have
/// landed. Doing it again changes nothing.
///
/// # Errors
/// If a tag cannot be written; one of the same name that is already there and differs is such a case.
pub fn settle(repo: &gix::Repository, op: &str) -> Result<(), BulkError> {
    let prefix = tag_prefix(op);
    for (name, id) in private_tags(repo, &prefix)? {
        let tag = format!("refs/tags/{}", name.trim_start_matches(&prefix));
        repo.reference(tag.as_str(), id, PreviousValue::ExistingMustMatch(gix::refs::Target::Object(id)), "")
            .map_err(repository)?;
    }
    // What was imported is where it belongs; a reference that stays names the same commits, and no failure.
    let _ = discard(repo, op);
    Ok(())
}

/// Removes the private references of the operation `op`, tags included, if there are any.
///
/// # Errors
/// If the references cannot be read or removed.
pub fn discard(repo: &gix::Repository, op: &str) -> Result<(), BulkError> {
    for (name, _) in private_tags(repo, &tag_prefix(op))? {
        delete_reference(repo, &name)?;
    }
    delete_reference(repo, &import_ref(op))
}

fn private_tags(repo: &gix::Repository, prefix: &str) -> Result<Vec<(String, ObjectId)>, BulkError> {
    let platform = repo.references().map_err(repository)?;
    let mut found = Vec::new();
    for reference in platform.prefixed(prefix).map_err(repository)? {
        let reference = reference.map_err(repository)?;
        found.push((reference.name().as_bstr().to_string(), reference.id().detach()));
    }
    Ok(found)
}

fn delete_reference(repo: &gix::Repository, name: &str) -> Result<(), BulkError> {
    match repo.try_find_reference(name).map_err(repository)? {
        Some(reference) => reference.delete().map_err(repository),
        None => Ok(()),
    }
}

fn import_ref(op: &str) -> String {
    format!("refs/staple/import/{op}")
}

/// Beside the import's own reference, not below it: a reference cannot be a file and a folder.
fn tag_prefix(op: &str) -> String {
    format!("refs/staple/import-tags/{op}/")
}

fn repository(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> BulkError {
    BulkError::Repository(error.into())
}

fn valid_reference(part: &str, whole: &str) -> Result<(), BulkError> {
    match gix::refs::FullName::try_from(whole) {
        Ok(_) => Ok(()),
        Err(_) => Err(BulkError::Name(part.to_owned())),
    }
}

fn valid_time(time: i64) -> Result<(), BulkError> {
    if time < 0 { Err(BulkError::Time(time)) } else { Ok(()) }
}

fn push(buffer: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory does not fail.
    let _ = buffer.write_fmt(text);
}

fn push_data(buffer: &mut Vec<u8>, bytes: &[u8]) {
    push(buffer, format_args!("data {}\n", bytes.len()));
    buffer.extend_from_slice(bytes);
    buffer.push(b'\n');
}

fn message_text(message: &str) -> String {
    let mut text = message.replace('\0', "");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

fn stamp_line(stamp: &Signature) -> Result<String, BulkError> {
    valid_time(stamp.time.unix())?;
    let minutes = zone_minutes(stamp.offset_seconds);
    Ok(format!(
        "{} <{}> {} {}{:02}{:02}",
        header_name(stamp),
        header_text(&stamp.email),
        stamp.time.unix(),
        if minutes < 0 { '-' } else { '+' },
        minutes.abs() / 60,
        minutes.abs() % 60
    ))
}

fn zone_minutes(offset_seconds: i32) -> i32 {
    let minutes = offset_seconds / 60;
    if minutes.abs() > 14 * 60 { 0 } else { minutes }
}

/// The name for a header: git rejects a header without one.
fn header_name(stamp: &Signature) -> String {
    [&stamp.name, &stamp.email]
        .into_iter()
        .map(|text| header_text(text))
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Without what would end the field early, and without what a terminal acts on or a reader does not see.
fn header_text(text: &str) -> String {
    let kept: String =
        text.chars().map(|c| if is_hidden(c) { ' ' } else { c }).filter(|c| !matches!(c, '<' | '>')).collect();
    kept.trim().to_owned()
}

/// The path in git's C style quotes, which every path may have and some need.
fn quoted_path(path: &str) -> Result<String, BulkError> {
    // What other systems cannot store is left to `check`; what would leave the repository is not.
    let options =
        gix::validate::path::component::Options { protect_windows: false, protect_hfs: true, protect_ntfs: true };
    let bad = |part: &str| gix::validate::path::component(part.into(), None, options).is_err() || part.contains('\0');
    if path.split('/').any(bad) {
        return Err(BulkError::Path(path.to_owned()));
    }
    let mut quoted = String::with_capacity(path.len() + 2);
    quoted.push('"');
    for c in path.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    Ok(quoted)
}

#[cfg(test)]
#[path = "bulk/tests.rs"]
mod tests;
