//! Finding the desk: which repository, and where in it.

use std::path::{Path, PathBuf};

use super::error::{Error, gix_error};
use super::timeline::caches::PackCache;

/// The file that marks a desk's root.
pub const MARKER: &str = "staple.toml";

/// The folder a desk takes in a repository with other things in it.
pub const FOLDER: &str = "support";

/// How many folders further down a desk is looked for that nobody named; only to tell of it.
const FOLDERS_DEEP: usize = 2;

/// What is kept of packs while one command runs. Many records are stored as their difference to another one.
const PACK_BYTES: usize = 16 << 20;

/// Where to look for the desk.
#[derive(Debug, Clone, Default)]
pub struct Discover {
    /// The folder the search begins in.
    pub start: PathBuf,
    /// A folder the user named (`-C DIR`, `STAPLE_DESK`); it wins over `start`.
    pub explicit: Option<PathBuf>,
    /// Tests give configuration here (`user.name=Sam`): then environment, user and system configuration are not read.
    pub isolated: Option<Vec<String>>,
}

impl Discover {
    /// Begins in `start`, with everything else as git has it.
    pub fn at(start: impl Into<PathBuf>) -> Self {
        Self { start: start.into(), ..Self::default() }
    }

    fn from(&self) -> &Path {
        self.explicit.as_deref().unwrap_or(&self.start)
    }

    /// Opens the repository that `from` lies in.
    pub(crate) fn repository(&self) -> Result<gix::Repository, Error> {
        let trusted = open_options(self.isolated.as_deref());
        let options = gix::sec::trust::Mapping { full: trusted.clone(), reduced: trusted };
        let from = self.from();
        let opened = gix::ThreadSafeRepository::discover_opts(from, Default::default(), options);
        let mut repo = match opened {
            Ok(repo) => repo.to_thread_local(),
            Err(error) => return Err(not_opened(from, error)),
        };
        let refs = repo.config_snapshot().string("extensions.refStorage");
        if refs.is_some_and(|kind| kind.eq_ignore_ascii_case(b"reftable")) {
            return Err(Error::Reftable { path: repo.git_dir().to_owned() });
        }
        repo.object_cache_size_if_unset(4 * 1024 * 1024);
        repo.objects.set_pack_cache(|| Box::new(PackCache::new(PACK_BYTES)));
        Ok(repo)
    }

    /// The desk's root, relative to the work tree, "" for the work tree itself.
    pub(crate) fn prefix(&self, repo: &gix::Repository, work_dir: &Path) -> Result<String, Error> {
        let from = absolute(self.from());
        for folder in from.ancestors() {
            if !folder.starts_with(work_dir) {
                break;
            }
            if is_desk(folder) {
                return relative(work_dir, folder);
            }
        }
        if is_desk(&work_dir.join(FOLDER)) {
            return Ok(FOLDER.to_owned());
        }
        if let Some(folder) = named_folder(repo, work_dir)
            && folder.starts_with(work_dir)
            && is_desk(&folder)
        {
            return relative(work_dir, &folder);
        }
        Err(Error::NoDesk { repo: work_dir.to_owned(), other: None })
    }

    /// A desk in a folder of the work tree that nothing leads to; for telling of it.
    pub(crate) fn unnamed(work_dir: &Path) -> Option<String> {
        desk_below(work_dir, FOLDERS_DEEP).and_then(|folder| relative(work_dir, &folder).ok())
    }

    /// The search for the desk that the repository's configuration names elsewhere (`git config staple.desk PATH`).
    pub(crate) fn elsewhere(&self) -> Result<Option<Self>, Error> {
        let repo = self.repository()?;
        let Some(work_dir) = repo.workdir().map(absolute) else { return Ok(None) };
        let folder = named_folder(&repo, &work_dir).filter(|folder| !folder.starts_with(&work_dir));
        Ok(folder.map(|folder| Self { start: folder, explicit: None, isolated: self.isolated.clone() }))
    }
}

/// The folder that the configuration names as the desk; relative to the work tree, `~` read as git reads it.
fn named_folder(repo: &gix::Repository, work_dir: &Path) -> Option<PathBuf> {
    let path = repo.config_snapshot().trusted_path("staple.desk").ok().flatten()?;
    Some(absolute(&work_dir.join(path)))
}

/// How every repository is opened: never one that belongs to someone else.
pub(crate) fn open_options(isolated: Option<&[String]>) -> gix::open::Options {
    let options = match isolated {
        None => gix::open::Options::default(),
        Some(values) => gix::open::Options::isolated().config_overrides(values.iter().map(String::as_str)),
    };
    options.bail_if_untrusted(true)
}

fn not_opened(from: &Path, error: gix::Error) -> Error {
    use gix::discover::upwards;
    if error.is_permission_denied() && error.to_string().contains("unsafe") {
        let path = upwards(from).ok().and_then(|(path, _)| {
            let (git_dir, work_dir) = path.into_repository_and_work_tree_directories();
            work_dir.or(Some(git_dir))
        });
        return Error::Untrusted { path: absolute(path.as_deref().unwrap_or(from)) };
    }
    match upwards(from) {
        Err(_) => Error::NotARepository { path: from.to_owned() },
        Ok((path, _)) => {
            let git_dir = path.into_repository_and_work_tree_directories().0;
            if git_dir.join("reftable").is_dir() {
                return Error::Reftable { path: git_dir };
            }
            gix_error(format!("{} could not be opened", git_dir.display()))(error)
        }
    }
}

/// A folder below this one, not further down than so many steps, that is a desk: the first by name. What is in another
/// repository is none of this one.
fn desk_below(folder: &Path, steps: usize) -> Option<PathBuf> {
    let listed = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let is_folder = |item: &std::fs::DirEntry| {
        item.file_type().is_ok_and(|kind| kind.is_dir()) && !item.file_name().as_encoded_bytes().starts_with(b".")
    };
    let folders = listed.filter(is_folder).map(|item| item.path());
    let mut folders: Vec<PathBuf> = folders.filter(|folder| !folder.join(".git").exists()).collect();
    folders.sort();
    let found = folders.iter().find(|folder| is_desk(folder)).cloned();
    found.or_else(|| folders.iter().filter(|_| steps > 1).find_map(|folder| desk_below(folder, steps - 1)))
}

fn is_desk(folder: &Path) -> bool {
    folder.join(MARKER).is_file()
}

/// Where a folder lies in the work tree.
pub(super) fn relative(work_dir: &Path, folder: &Path) -> Result<String, Error> {
    let rest = folder.strip_prefix(work_dir).unwrap_or(Path::new(""));
    let parts: Option<Vec<&str>> = rest.iter().map(|part| part.to_str()).collect();
    let parts = parts.ok_or_else(|| Error::BadPath { path: rest.to_string_lossy().into_owned() })?;
    Ok(parts.join("/"))
}

/// `path` without links and dots, as far as it exists.
pub(crate) fn absolute(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
