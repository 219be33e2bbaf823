//! Reading many objects on all processors.
//!
//! Threads share one opening of the repository, so that what is mapped of its packs is mapped once; each keeps caches of its own.
//! Now and then it is opened anew: pages of a pack that were read stay mapped as long as it is open, and the whole pack of a
//! large desk would count as memory in use.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use gix::objs::FindExt;

use super::error::{Error, gix_error};
use super::standing::blob_id;
use super::timeline::caches::PackCache;
use super::{CommitInfo, Snapshot, Store, commit_info};
use crate::record::{Kind, Name};
use crate::text::{self, parse::Parsed};

/// Jobs that are worth a thread.
const FEW: usize = 256;

/// Objects after which the repository is opened anew.
const OBJECTS_OPEN: usize = 8_192;

/// Holds the versions of records that others are told by their difference to.
const PACK_BYTES: usize = 8 << 20;

/// The objects of the repository, for one thread.
pub struct Objects {
    repo: gix::Repository,
}

impl Objects {
    /// The bytes of a blob.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn blob(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let mut buffer = Vec::new();
        let what = || format!("blob {id} is unreadable");
        self.repo.objects.find_blob(&id, &mut buffer).map_err(|error| gix_error(what())(error))?;
        Ok(buffer)
    }

    /// The record in a blob.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn record(&self, kind: Kind, name: &Name, path: &str, id: ObjectId) -> Result<Parsed, Error> {
        record_in(&self.repo, kind, name, path, id)
    }

    /// What a commit says of itself.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn commit(&self, id: ObjectId) -> Result<CommitInfo, Error> {
        commit_info(&self.repo, id)
    }
}

/// The record in a blob. One too large for a record is told from its header and not read: it might be larger than memory.
pub(crate) fn record_in(
    repo: &gix::Repository,
    kind: Kind,
    name: &Name,
    path: &str,
    id: ObjectId,
) -> Result<Parsed, Error> {
    let failed = || gix_error(format!("blob {id} is unreadable"));
    let size = repo.find_header(id).map_err(failed())?.size();
    if size > text::parse::MAX_BYTES as u64 {
        return Ok(text::parse::too_large(path, size));
    }
    let mut buffer = Vec::new();
    repo.objects.find_blob(&id, &mut buffer).map_err(failed())?;
    Ok(text::parse(kind, name, path, &buffer))
}

/// The repository as threads share it. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Opening>);

struct Opening {
    git_dir: PathBuf,
    options: gix::open::Options,
    /// What is open now, and how many objects were read from it.
    open: Mutex<Option<(gix::ThreadSafeRepository, usize)>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shared").field(&self.0.git_dir).finish()
    }
}

impl Shared {
    /// The repository, not opened yet.
    pub(crate) fn new(repo: &gix::Repository) -> Self {
        let (git_dir, options) = (repo.git_dir().to_owned(), repo.open_options().clone().open_path_as_is(true));
        Self(Arc::new(Opening { git_dir, options, open: Mutex::new(None) }))
    }

    /// The repository opened anew. What was mapped before is given back once nobody else has it.
    pub(crate) fn reopened(&self) -> gix::Result<gix::ThreadSafeRepository> {
        *self.lock() = None;
        self.for_reading(0)
    }

    /// The repository to read about so many objects from.
    fn for_reading(&self, objects: usize) -> gix::Result<gix::ThreadSafeRepository> {
        let mut open = self.lock();
        if let Some((repo, read)) = open.as_mut() {
            // While others have it, one more would be mapped beside it.
            if *read < OBJECTS_OPEN || Arc::strong_count(&repo.objects) > 1 {
                *read += objects;
                return Ok(repo.clone());
            }
        }
        *open = None;
        let repo = gix::ThreadSafeRepository::open_opts(&self.0.git_dir, self.0.options.clone())?;
        Ok(open.insert((repo, objects)).0.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(gix::ThreadSafeRepository, usize)>> {
        // What is there was put there whole.
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// The record in a blob, which the file at `path` most likely has as well: that is read first, since to find an object in
    /// packs takes looking through their lists.
    ///
    /// # Errors
    /// When neither the file nor git has it.
    pub fn committed_record(
        &self,
        snapshot: &Snapshot,
        kind: Kind,
        name: &Name,
        path: &str,
        blob: ObjectId,
    ) -> Result<Parsed, Error> {
        match self.file_with(path, blob) {
            Some(bytes) => Ok(text::parse(kind, name, path, &bytes)),
            None => snapshot.record(kind, name, path, blob),
        }
    }

    /// What the file at a path holds, if that is the blob `id`. A link is not followed, but its folders may be ones: the id
    /// vouches for the content.
    fn file_with(&self, path: &str, id: ObjectId) -> Option<Vec<u8>> {
        let mut options = std::fs::File::options();
        options.read(true);
        #[cfg(unix)]
        {
            use rustix::fs::OFlags;
            // A pipe would keep us waiting.
            let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
            std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
        }
        let mut file = options.open(self.root().join(path)).ok()?;
        let meta = file.metadata().ok()?;
        if !meta.is_file() || meta.len() > text::parse::MAX_BYTES as u64 {
            return None;
        }
        let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
        std::io::Read::read_to_end(&mut file, &mut bytes).ok()?;
        (blob_id(&bytes, self.repo().object_hash()).ok()? == id).then_some(bytes)
    }

    /// Does all jobs, their results in order; on several threads where there are many.
    ///
    /// # Errors
    /// The first error of a job, or when the repository cannot be opened again.
    pub fn read_many<J: Sync, R: Send>(
        &self,
        jobs: &[J],
        read: impl Fn(&Objects, &J) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        let mut threads = (jobs.len() / FEW + 1).min(8);
        if threads > 1 {
            // The system reads files to answer this.
            threads = threads.min(std::thread::available_parallelism().map_or(1, usize::from));
        }
        if threads == 1 {
            let objects = Objects { repo: self.repo.clone() };
            return jobs.iter().map(|job| read(&objects, job)).collect();
        }
        let repo = self.shared.for_reading(jobs.len()).map_err(gix_error("the repository cannot be opened again"))?;
        let some = |jobs: &[J]| -> Result<Vec<R>, Error> {
            let mut repo = repo.to_thread_local();
            repo.objects.set_pack_cache(|| Box::new(PackCache::new(PACK_BYTES)));
            let objects = Objects { repo };
            jobs.iter().map(|job| read(&objects, job)).collect()
        };
        let some = &some;
        std::thread::scope(|scope| {
            let parts = jobs.chunks(jobs.len().div_ceil(threads));
            let running: Vec<_> = parts.map(|part| scope.spawn(move || some(part))).collect();
            let mut done = Vec::with_capacity(jobs.len());
            for thread in running {
                // A panic of a reader is one of ours.
                done.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(done)
        })
    }
}
