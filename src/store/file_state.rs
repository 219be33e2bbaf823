//! What the file system says of a file or folder without reading it, so that what did not change need not be read again.
//!
//! A state proves that nothing changed since it was taken, as long as the clock of the file system had moved on by then.

use std::ffi::{CStr, CString};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Store;

/// Size, times and number of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState([u8; 32]);

/// What a folder of the work tree holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Names of files; editors' own are left out.
    pub files: Vec<String>,
    /// Names of folders.
    pub folders: Vec<String>,
}

/// Files of a folder and the states in which they were seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenFolder {
    folder: String,
    /// Each file's name, a zero byte, and its state.
    files: Vec<u8>,
}

/// Bytes of a folder's files whose states take longer to ask for than a thread takes to start: some 200 of them.
const WORTH_A_THREAD: usize = 8 << 10;

impl SeenFolder {
    /// The folder at a path in the desk, with no files.
    pub fn new(folder: &str) -> Self {
        Self { folder: folder.to_owned(), files: Vec::new() }
    }

    /// A folder whose files were kept as [`SeenFolder::as_bytes`] gives them; nothing where they cannot be that.
    pub fn packed(folder: &str, files: &[u8]) -> Option<Self> {
        let seen = Self { folder: folder.to_owned(), files: files.to_owned() };
        let read: usize = seen.files().map(|(name, _)| name.to_bytes_with_nul().len() + size_of::<FileState>()).sum();
        (read == files.len()).then_some(seen)
    }

    /// The files as bytes, for keeping.
    pub fn as_bytes(&self) -> &[u8] {
        &self.files
    }

    /// Adds a file.
    pub fn push(&mut self, name: &str, state: &FileState) {
        self.files.extend_from_slice(name.as_bytes());
        self.files.push(0);
        self.files.extend_from_slice(state.as_bytes());
    }

    /// The folder, by its path in the desk.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn files(&self) -> impl Iterator<Item = (&CStr, FileState)> {
        let mut left = self.files.as_slice();
        std::iter::from_fn(move || {
            let name = CStr::from_bytes_until_nul(left).ok()?;
            let (state, rest) = left[name.to_bytes_with_nul().len()..].split_first_chunk()?;
            left = rest;
            Some((name, FileState(*state)))
        })
    }

    fn changed(&self, root: &Path) -> impl Iterator<Item = String> {
        let now = state_in(&root.join(&self.folder));
        let changed = self.files().filter(move |(name, seen)| now(name) != Some(*seen));
        changed.map(|(name, _)| format!("{}/{}", self.folder, name.to_string_lossy()))
    }
}

/// What tells the state of a regular file in a folder, by its name; nothing when there is none.
#[cfg(unix)]
fn state_in(folder: &Path) -> impl Fn(&CStr) -> Option<FileState> + use<> {
    use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, statat};
    // A name is found sooner in an open folder than by its whole path.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
    let open = openat(CWD, folder, flags, Mode::empty()).ok();
    move |name| {
        let stat = statat(open.as_ref()?, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        (FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile).then(|| FileState::of_stat(&stat))
    }
}

#[cfg(not(unix))]
fn state_in(folder: &Path) -> impl Fn(&CStr) -> Option<FileState> + use<> {
    let folder = folder.to_owned();
    move |name| FileState::of_file(&folder.join(name.to_str().ok()?))
}

impl FileState {
    /// Of something that is not there.
    pub const MISSING: Self = Self([0; 32]);
    /// Of something that has to be looked at, as no state is ever this one.
    pub const UNSETTLED: Self = Self([0xff; 32]);

    /// The state as bytes, for keeping.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A state that was kept.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Whether a change right after `taken` would show as another state: the last change lies further back than clocks of file
    /// systems are coarse.
    pub fn is_settled(&self, taken: SystemTime) -> bool {
        let time = |place: usize| i64::from_le_bytes(self.word(place));
        let changed = time(8).max(time(16));
        // Some file systems keep whole seconds, or two.
        let coarse = time(8) % 1_000_000_000 == 0;
        let margin = if coarse { Duration::from_secs(3) } else { Duration::from_millis(20) };
        let taken = taken.duration_since(UNIX_EPOCH).unwrap_or_default();
        let limit = i64::try_from(taken.saturating_sub(margin).as_nanos()).unwrap_or(i64::MAX);
        changed < limit
    }

    /// How many bytes there are.
    pub(super) fn size(&self) -> u64 {
        u64::from_le_bytes(self.word(0))
    }

    fn word(&self, place: usize) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[place..place + 8]);
        bytes
    }

    /// The state of a regular file; nothing when there is none.
    fn of_file(path: &Path) -> Option<Self> {
        let meta = path.symlink_metadata().ok()?;
        meta.is_file().then(|| Self::of(&meta))
    }

    /// The state of whatever is at a path; links are not followed.
    pub(super) fn at(path: &Path) -> Self {
        path.symlink_metadata().map_or(Self::MISSING, |meta| Self::of(&meta))
    }

    #[cfg(unix)]
    pub(super) fn of(meta: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self::packed(
            meta.size(),
            nanos(meta.mtime(), meta.mtime_nsec()),
            nanos(meta.ctime(), meta.ctime_nsec()),
            meta.ino(),
        )
    }

    #[cfg(unix)]
    #[allow(clippy::unnecessary_cast)] // The fields have other widths on other systems.
    fn of_stat(stat: &rustix::fs::Stat) -> Self {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000).saturating_add(nanos);
        Self::packed(
            stat.st_size as u64,
            nanos(stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            nanos(stat.st_ctime as i64, stat.st_ctime_nsec as i64),
            stat.st_ino as u64,
        )
    }

    #[cfg(not(unix))]
    pub(super) fn of(meta: &std::fs::Metadata) -> Self {
        let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
        let modified = i64::try_from(modified.as_nanos()).unwrap_or(i64::MAX);
        Self::packed(meta.len(), modified, modified, 0)
    }

    fn packed(size: u64, modified: i64, changed: i64, number: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&size.to_le_bytes());
        bytes[8..16].copy_from_slice(&modified.to_le_bytes());
        bytes[16..24].copy_from_slice(&changed.to_le_bytes());
        bytes[24..].copy_from_slice(&number.to_le_bytes());
        Self(bytes)
    }
}

/// Adds the state of a place to others, as bytes; nothing where a change of it right now might not show.
pub(super) fn add_state(place: &Path, taken: SystemTime, states: &mut Vec<u8>) -> Option<()> {
    let state = FileState::at(place);
    if state != FileState::MISSING && !state.is_settled(taken) {
        return None;
    }
    states.extend_from_slice(state.as_bytes());
    Some(())
}

impl Store {
    /// The state of a regular file, by its path in the desk; nothing when there is none.
    pub fn file_state(&self, path: &str) -> Option<FileState> {
        FileState::of_file(&self.root().join(path))
    }

    /// The states of a folder's files, in the order of their names; each as for [`Store::file_state`].
    pub fn file_states<'n>(&self, folder: &str, names: impl Iterator<Item = &'n str>) -> Vec<Option<FileState>> {
        let state = state_in(&self.root().join(folder));
        names.map(|name| state(&CString::new(name).ok()?)).collect()
    }

    /// The files that are no longer in the states in which they were seen, by their paths in the desk.
    pub fn files_changed(&self, seen: &[SeenFolder]) -> Vec<String> {
        let root = self.root();
        let bytes: usize = seen.iter().map(|folder| folder.files.len()).sum();
        if bytes < WORTH_A_THREAD {
            return seen.iter().flat_map(|folder| folder.changed(root)).collect();
        }
        let mut looked_at = 0;
        let half = seen.iter().position(|folder| {
            looked_at += folder.files.len();
            looked_at * 2 >= bytes
        });
        let (first, second) = seen.split_at(half.map_or(0, |half| half + 1));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| second.iter().flat_map(|folder| folder.changed(root)).collect::<Vec<_>>());
            let mut changed: Vec<String> = first.iter().flat_map(|folder| folder.changed(root)).collect();
            changed.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            changed
        })
    }

    /// The state of a folder, by its path in the desk; unsettled where something else stands in its place.
    pub fn folder_state(&self, path: &str) -> FileState {
        match self.root().join(path).symlink_metadata() {
            Ok(meta) if meta.is_dir() => FileState::of(&meta),
            Ok(_) => FileState::UNSETTLED,
            Err(_) => FileState::MISSING,
        }
    }

    /// What a folder of the desk holds; nothing when it cannot be read. Links and devices count as files, which they are not, so
    /// that somebody looks at them.
    pub fn listing(&self, path: &str) -> Option<Listing> {
        let mut listing = Listing::default();
        let full = self.root().join(path);
        if !full.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            return None;
        }
        for item in std::fs::read_dir(full).ok()? {
            let item = item.ok()?;
            let Some(name) = item.file_name().to_str().map(str::to_owned) else { continue };
            if name.starts_with('.') || name.ends_with('~') {
                continue;
            }
            match item.file_type().ok()? {
                kind if kind.is_dir() => listing.folders.push(name),
                _ => listing.files.push(name),
            }
        }
        Some(listing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_packed_whole_or_not_at_all() {
        let states = [FileState::packed(7, 1, 2, 0), FileState::MISSING, FileState::UNSETTLED];
        let mut seen = SeenFolder::new("people");
        for (name, state) in ["kim.toml", "sam.toml", "zoë.toml"].into_iter().zip(&states) {
            seen.push(name, state);
        }
        assert_eq!(seen.files().map(|(_, state)| state).collect::<Vec<_>>(), states);
        assert_eq!(SeenFolder::packed("people", seen.as_bytes()), Some(seen.clone()));
        assert!(SeenFolder::packed("people", b"").is_some_and(|seen| seen.is_empty()));
        for short in 1..seen.as_bytes().len() {
            let left = SeenFolder::packed("people", &seen.as_bytes()[..short]);
            assert_eq!(left.is_some(), [41, 82].contains(&short), "{short}");
        }
    }

    #[test]
    fn a_file_changed_just_now_may_change_again_unseen() {
        let at = |nanos: i64| FileState::packed(1, nanos, nanos, 1);
        let taken = UNIX_EPOCH + Duration::from_secs(100);
        assert!(at(99_900_000_001).is_settled(taken));
        assert!(!at(99_990_000_001).is_settled(taken));
        assert!(!at(98_000_000_000).is_settled(taken), "a clock of whole seconds is coarse");
        assert!(at(96_000_000_000).is_settled(taken));
    }
}
