//! Taking back a commit of ours: which one, whether it may go, and the files as they were before it.

use std::collections::BTreeSet;

use super::{Desk, Done, Draft, WriteError, WriteOptions};
use crate::record::change::Refusal;
use crate::record::reference::{self, Reference};
use crate::record::{Kind, Name, Record};
use crate::store::layout::{self, Located};
use crate::store::{self, ChangedFile, ObjectId, Snapshot, Store, trailers};

/// Takes back the commit that `rev` names, or your own newest one, with a new commit.
///
/// # Errors
/// A refusal with the cure: when the commit is not one of ours, is somebody else's, a merge, published, or something builds
/// on it.
pub fn undo(desk: &Desk, rev: Option<&str>, options: &WriteOptions) -> Result<Done, WriteError> {
    let store = desk.store();
    let line: Vec<ObjectId> = match store.head()?.commit {
        Some(head) => store.first_parents(head)?.collect(),
        None => Vec::new(),
    };
    let commit = match rev {
        Some(rev) => named(store, rev, &line)?,
        None => newest(store, &line)?,
    };
    let info = store.commit_info(commit)?;
    let subject = trailers::subject(&info.message).to_owned();
    let taken = Taken { store, commit, line: &line, files: desk_files(store, commit)?, before: before(store, commit)? };
    let mut options = options.clone();
    options.trailers.push(("Undoes".to_owned(), commit.to_string()));
    options.unguarded = true;
    desk.write(&options, |draft| {
        for file in &taken.files {
            taken.put_back(draft, file)?;
        }
        taken.check_what_refers(draft)?;
        let mut dangling = draft.broken_rules()?;
        dangling.retain(|finding| finding.rule == "dangling-reference");
        if !dangling.is_empty() {
            return Err(WriteError::Broken(dangling));
        }
        // Undoing an undo is doing it again.
        let words = match subject.strip_prefix("undo: ") {
            Some(done) => format!("redo: {done}"),
            None => format!("undo: {}", subject.strip_prefix("redo: ").unwrap_or(&subject)),
        };
        draft.summary("", words);
        Ok(())
    })
}

/// The commit that was asked for, if it may be taken back.
fn named(store: &Store, rev: &str, line: &[ObjectId]) -> Result<ObjectId, WriteError> {
    let commit = store.resolve(rev)?;
    let info = store.commit_info(commit)?;
    let short = short(commit);
    let subject = trailers::subject(&info.message);
    if !line.contains(&commit) {
        let hint = format!("see where it is: git branch --contains {short}");
        return refused(format!("{short} \"{subject}\" is not on this branch's own line"), hint);
    }
    if info.parents.len() > 1 {
        let hint = format!("take back what it brought by new changes: staple history, git show {short}");
        return refused(format!("{short} \"{subject}\" is a merge, and only single changes are taken back"), hint);
    }
    if !is_ours(&info.message) {
        let hint = format!("it is a commit of git's own making: git revert {short}");
        return refused(format!("{short} \"{subject}\" was not made by staple alone"), hint);
    }
    if !store.is_mine(&info.author)? {
        let hint = "ask them, or write the correction as a new change: staple set REF KEY=VALUE";
        return refused(format!("{short} \"{subject}\" is by {}", info.author.name), hint);
    }
    published(store, commit, subject)?;
    Ok(commit)
}

/// Your own newest commit of ours.
fn newest(store: &Store, line: &[ObjectId]) -> Result<ObjectId, WriteError> {
    for commit in line {
        // A shallow clone ends here.
        let Ok(info) = store.commit_info(*commit) else { break };
        if info.parents.len() > 1 || !is_ours(&info.message) || !store.is_mine(&info.author)? {
            continue;
        }
        published(store, *commit, trailers::subject(&info.message))?;
        return Ok(*commit);
    }
    refused("there is no commit of yours made by staple to take back", "see what there is: staple history")
}

fn published(store: &Store, commit: ObjectId, subject: &str) -> Result<(), WriteError> {
    if !store.is_published(commit)? {
        return Ok(());
    }
    let hint = "write the correction as a new change, such as staple set REF KEY=VALUE; history keeps both";
    refused(format!("{} \"{subject}\" is published, and others may have built on it", short(commit)), hint)
}

fn is_ours(message: &str) -> bool {
    trailers::trailers(message).iter().any(|(key, _)| key == "Op-Id")
}

/// What a commit changed, by desk-relative path.
fn desk_files(store: &Store, commit: ObjectId) -> Result<Vec<ChangedFile>, store::Error> {
    let root = store.repository_path("");
    let mut files = store.files_changed_by(commit)?;
    if !root.is_empty() {
        let start = format!("{root}/");
        files.retain(|file| file.path.starts_with(&start));
        files.iter_mut().for_each(|file| file.path.drain(..start.len()).for_each(drop));
    }
    Ok(files)
}

/// The desk before a commit.
fn before(store: &Store, commit: ObjectId) -> Result<Option<Snapshot>, store::Error> {
    let parent = store.commit_info(commit)?.parents.first().copied();
    parent.map(|parent| store.snapshot_of(parent)).transpose()
}

/// A commit that is being taken back.
struct Taken<'a> {
    store: &'a Store,
    commit: ObjectId,
    line: &'a [ObjectId],
    files: Vec<ChangedFile>,
    before: Option<Snapshot>,
}

impl Taken<'_> {
    /// One file as it was before the commit, if nothing builds on what the commit made of it.
    fn put_back(&self, draft: &mut Draft<'_>, file: &ChangedFile) -> Result<(), WriteError> {
        let snapshot = self.store.snapshot_of(self.commit)?;
        let made = file.new.map(|blob| snapshot.blob(blob)).transpose()?;
        if draft.read(&file.path)? != made {
            return self.built_on(&file.path, |path| path == file.path);
        }
        let old = match &self.before {
            Some(before) => before.read(&file.path)?,
            None => None,
        };
        if let Some(Located::Record(kind, name)) = layout::locate(&file.path) {
            // So that the commit names the record.
            draft.write_record(kind, &name, &file.path, "");
        }
        draft.write(file.path.clone(), old);
        Ok(())
    }

    /// Refuses when a record that goes is still needed: by a message of the ticket, or by a reference.
    fn check_what_refers(&self, draft: &Draft<'_>) -> Result<(), WriteError> {
        let gone: BTreeSet<(Kind, Name)> = self
            .files
            .iter()
            .filter(|file| draft.writes().get(&file.path).is_some_and(Option::is_none))
            .filter_map(|file| match layout::locate(&file.path)? {
                Located::Record(kind, name) if kind != Kind::Message => Some((kind, name)),
                _ => None,
            })
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        if gone.contains(&(Kind::Settings, Name::Desk)) {
            let hint = "a desk ends by deleting its files, with git";
            return refused(format!("{} is the beginning of the desk", short(self.commit)), hint);
        }
        for file in self.paths(draft)? {
            let Some(located) = layout::locate(&file) else { continue };
            let ticket = match &located {
                Located::Record(_, Name::Message(ticket, _)) | Located::Attachment { ticket, .. } => Some(*ticket),
                Located::Record(..) => None,
            };
            let orphan = ticket.is_some_and(|ticket| gone.contains(&(Kind::Ticket, Name::Ticket(ticket))));
            if orphan || self.refers(draft, &file, located, &gone)? {
                return self.built_on(&file, |path| path == file);
            }
        }
        Ok(())
    }

    /// The paths of the desk as the draft leaves it; what is only staged is not among them.
    fn paths(&self, draft: &Draft<'_>) -> Result<BTreeSet<String>, WriteError> {
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for folder in layout::FOLDERS {
            paths.extend(self.store.head_snapshot()?.walk_folder(folder)?.files.into_iter().map(|(path, _)| path));
        }
        for (path, content) in draft.writes() {
            if content.is_none() {
                paths.remove(path);
            }
        }
        Ok(paths)
    }

    fn refers(
        &self,
        draft: &Draft<'_>,
        path: &str,
        located: Located,
        gone: &BTreeSet<(Kind, Name)>,
    ) -> Result<bool, WriteError> {
        let Located::Record(kind, name) = located else { return Ok(false) };
        let bytes = draft.read(path)?.unwrap_or_default();
        let Some(record) = crate::text::parse(kind, &name, path, &bytes).record else { return Ok(false) };
        let to = |record: &Record| {
            reference::places(record).into_iter().any(|place| match place.reference {
                Some(Reference::Record(kind, slug)) => gone.contains(&(kind, Name::Slug(slug))),
                Some(Reference::Ticket(id)) => gone.contains(&(Kind::Ticket, Name::Ticket(id))),
                _ => false,
            })
        };
        Ok(to(&record) || record.messages.iter().any(to))
    }

    /// The refusal that names the later commit, or the edit that is not committed.
    fn built_on(&self, path: &str, touches: impl Fn(&str) -> bool) -> Result<(), WriteError> {
        for later in self.line.iter().take_while(|id| **id != self.commit) {
            let info = self.store.commit_info(*later)?;
            if !desk_files(self.store, *later)?.iter().any(|file| touches(&file.path)) {
                continue;
            }
            let (id, subject) = (short(*later), trailers::subject(&info.message));
            let undoes = trailers::trailers(&info.message);
            let this = self.commit.to_string();
            if undoes.contains(&("Undoes".to_owned(), this)) {
                let hint = format!("to have it back, take back that one: staple undo {id}");
                return refused(format!("{} was taken back already by {id}", short(self.commit)), hint);
            }
            let hint = if is_ours(&info.message) && info.parents.len() < 2 && self.store.is_mine(&info.author)? {
                format!("take back {id} first: staple undo {id}; or write the correction as a new change")
            } else {
                "write the correction as a new change, such as staple set REF KEY=VALUE".to_owned()
            };
            return refused(format!("{id} \"{subject}\" builds on {}: {path}", short(self.commit)), hint);
        }
        let path = self.store.repository_path(path);
        Err(store::Error::Uncommitted { path, staged: false, edited: true }.into())
    }
}

fn short(id: ObjectId) -> String {
    id.to_hex_with_len(7).to_string()
}

fn refused<T>(message: impl Into<String>, hint: impl Into<String>) -> Result<T, WriteError> {
    Err(WriteError::Refused(Refusal::new(message, hint)))
}
