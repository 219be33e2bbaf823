//! Edits that are not committed, found at a cost that follows what is live in the desk, not how old it is.
//!
//! The records of tickets that are not done, and of every other kind, are compared by the state in which they were last seen to hold
//! what HEAD has. Done tickets and messages, which nobody edits, are looked at only where their folder changed or where their ticket
//! is asked for. Whatever looks changed is read.

use std::collections::BTreeSet;
use std::time::SystemTime;

use crate::index::{Index, IndexError, Remembered, Seen};
use crate::record::id::TicketId;
use crate::store::file_state::FileState;
use crate::store::working_tree::Overlay;
use crate::store::{Snapshot, Store, layout};

/// What differs from HEAD, and what to remember of the look; nothing to remember where nothing changed.
pub(super) fn look(
    store: &Store,
    index: &Index,
    snapshot: &Snapshot,
    known: Remembered,
) -> Result<(Vec<Overlay>, Option<Seen>), IndexError> {
    if known.folders.is_empty() {
        return look_at_everything(store, index, snapshot).map(|(found, seen)| (found, Some(seen)));
    }
    Look { store, index, taken: SystemTime::now(), suspects: BTreeSet::new(), listed: Vec::new() }.run(known, snapshot)
}

struct Look<'a> {
    store: &'a Store,
    index: &'a Index,
    taken: SystemTime,
    suspects: BTreeSet<String>,
    /// Folders that were listed, in the state before.
    listed: Vec<(String, FileState)>,
}

impl Look<'_> {
    fn run(mut self, known: Remembered, snapshot: &Snapshot) -> Result<(Vec<Overlay>, Option<Seen>), IndexError> {
        let before = known.suspects.len();
        self.suspects.extend(known.suspects);
        let folders: BTreeSet<&str> = known.folders.iter().map(|(folder, _)| folder.as_str()).collect();
        let mut changed: BTreeSet<&str> = BTreeSet::new();
        for (folder, state) in &known.folders {
            let now = self.store.folder_state(folder);
            if now != *state {
                changed.insert(folder);
                self.list(folder, now, &folders)?;
            }
        }
        let mut live = known.live;
        // All files of a folder that was listed were looked at.
        live.retain(|seen| !changed.contains(seen.folder()));
        self.suspects.extend(self.store.files_changed(&live));
        // A file that is as HEAD has it may be unmerged all the same, as where the other side took it away.
        if self.store.in_progress().is_some() {
            let unmerged = self.store.unmerged_paths()?;
            self.suspects.extend(unmerged.into_iter().filter(|path| layout::locate(path).is_some()));
        }
        if self.suspects.is_empty() && self.listed.is_empty() {
            return Ok((Vec::new(), None));
        }
        let states: Vec<(String, Option<FileState>)> =
            self.suspects.iter().map(|path| (path.clone(), self.store.file_state(path))).collect();
        let paths: Vec<&str> = states.iter().map(|(path, _)| path.as_str()).collect();
        let found = self.store.overlay_files(snapshot, &paths)?;
        let seen = self.seen(states, &found)?;
        // What stays edited needs no writing down again.
        let same =
            self.listed.is_empty() && seen.clean.is_empty() && seen.gone.is_empty() && seen.suspects.len() == before;
        Ok((found, (!same).then_some(seen)))
    }

    /// Looks which files of a folder changed, came or went.
    fn list(&mut self, folder: &str, state: FileState, known: &BTreeSet<&str>) -> Result<(), IndexError> {
        let listing = self.store.listing(folder).unwrap_or_default();
        if state == FileState::UNSETTLED {
            // Something else than a folder.
            self.suspects.insert(folder.to_owned());
        }
        let states = self.index.states_in(folder)?;
        let there: BTreeSet<&String> = listing.files.iter().collect();
        let now = self.store.file_states(folder, listing.files.iter().map(String::as_str));
        for (name, now) in listing.files.iter().zip(now) {
            if states.get(name).copied() != now || !states.contains_key(name) {
                self.suspects.insert(format!("{folder}/{name}"));
            }
        }
        self.suspects.extend(states.keys().filter(|name| !there.contains(name)).map(|name| format!("{folder}/{name}")));
        for inner in &listing.folders {
            let path = format!("{folder}/{inner}");
            if !known.contains(path.as_str()) {
                let state = self.store.folder_state(&path);
                self.list(&path, state, known)?;
            }
        }
        self.listed.push((folder.to_owned(), state));
        Ok(())
    }

    fn seen(&self, states: Vec<(String, Option<FileState>)>, found: &[Overlay]) -> Result<Seen, IndexError> {
        let edited: BTreeSet<&str> = found.iter().map(|overlay| overlay.path.as_str()).collect();
        let mut seen = Seen::default();
        for (path, state) in states {
            let Some((folder, name)) = path.rsplit_once('/') else { continue };
            match state {
                _ if edited.contains(path.as_str()) => seen.suspects.push(path),
                Some(state) if state.is_settled(self.taken) => {
                    let live = is_live(folder, name, |id| self.index.is_open(id))?;
                    seen.clean.push((folder.to_owned(), name.to_owned(), state, live));
                }
                Some(_) => seen.suspects.push(path),
                None => seen.gone.push((folder.to_owned(), name.to_owned())),
            }
        }
        for (folder, state) in &self.listed {
            let settled = state.is_settled(self.taken);
            seen.folders.push((folder.clone(), if settled { *state } else { FileState::UNSETTLED }));
        }
        Ok(seen)
    }
}

/// Whether a file is compared at each read: any but those of done tickets, and messages with what belongs to them.
fn is_live(
    folder: &str,
    name: &str,
    is_open: impl Fn(TicketId) -> Result<bool, IndexError>,
) -> Result<bool, IndexError> {
    if !folder.starts_with("tickets/") {
        return Ok(true);
    }
    match name.strip_suffix(".toml").map(TicketId::parse_path) {
        Some(Some(id)) => is_open(id),
        _ => Ok(false),
    }
}

/// The first look, at every file.
fn look_at_everything(store: &Store, index: &Index, snapshot: &Snapshot) -> Result<(Vec<Overlay>, Seen), IndexError> {
    let taken = SystemTime::now();
    let mut seen = Seen { everything: true, ..Seen::default() };
    let mut states = Vec::new();
    let mut folders: Vec<String> = layout::FOLDERS.iter().map(|folder| (*folder).to_owned()).collect();
    while let Some(folder) = folders.pop() {
        let state = store.folder_state(&folder);
        let settled = state == FileState::MISSING || state.is_settled(taken);
        seen.folders.push((folder.clone(), if settled { state } else { FileState::UNSETTLED }));
        let listing = store.listing(&folder).unwrap_or_default();
        folders.extend(listing.folders.into_iter().map(|inner| format!("{folder}/{inner}")));
        let now = store.file_states(&folder, listing.files.iter().map(String::as_str));
        states.extend(listing.files.into_iter().zip(now).map(|(name, state)| (folder.clone(), name, state)));
    }
    let found = store.overlay(snapshot, layout::FOLDERS)?;
    let edited: BTreeSet<&str> = found.iter().map(|overlay| overlay.path.as_str()).collect();
    let open = index.open_tickets()?;
    for (folder, name, state) in states {
        let path = format!("{folder}/{name}");
        match state {
            Some(state) if !edited.contains(path.as_str()) && state.is_settled(taken) => {
                let live = is_live(&folder, &name, |id| Ok(open.contains(&id)))?;
                seen.clean.push((folder, name, state, live));
            }
            _ => seen.suspects.push(path),
        }
    }
    let missing =
        found.iter().filter(|overlay| !seen.suspects.contains(&overlay.path)).map(|overlay| overlay.path.clone());
    let missing: Vec<String> = missing.collect();
    seen.suspects.extend(missing);
    Ok((found, seen))
}
