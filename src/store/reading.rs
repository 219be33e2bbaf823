//! Reading many objects on all processors.
//!
//! Each thread opens the repository anew for each call: handles are not shared between threads, and what was mapped of a large
//! pack is given back.

use gix::ObjectId;
use gix::objs::FindExt;

use super::error::{Error, gix_error};
use super::timeline::caches::PackCache;
use super::{CommitInfo, Store, commit_info};

/// Jobs that are worth a thread.
const FEW: usize = 256;

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

    /// What a commit says of itself.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn commit(&self, id: ObjectId) -> Result<CommitInfo, Error> {
        commit_info(&self.repo, id)
    }
}

impl Store {
    /// Does all jobs, their results in order; on several threads where there are many.
    ///
    /// # Errors
    /// The first error of a job, or when the repository cannot be opened again.
    pub fn read_many<J: Sync, R: Send>(
        &self,
        jobs: &[J],
        read: impl Fn(&Objects, &J) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8).min(jobs.len() / FEW + 1);
        if threads == 1 {
            let objects = Objects { repo: self.repo.clone() };
            return jobs.iter().map(|job| read(&objects, job)).collect();
        }
        let (git_dir, options) = (self.repo.git_dir(), self.repo.open_options().clone().open_path_as_is(true));
        let some = |jobs: &[J], options: gix::open::Options| -> Result<Vec<R>, Error> {
            let mut repo =
                gix::open_opts(git_dir, options).map_err(gix_error("the repository cannot be opened again"))?;
            repo.objects.set_pack_cache(|| Box::new(PackCache::new(PACK_BYTES)));
            let objects = Objects { repo };
            jobs.iter().map(|job| read(&objects, job)).collect()
        };
        let some = &some;
        std::thread::scope(|scope| {
            let parts = jobs.chunks(jobs.len().div_ceil(threads));
            let running: Vec<_> = parts
                .map(|part| {
                    let options = options.clone();
                    scope.spawn(move || some(part, options))
                })
                .collect();
            let mut done = Vec::with_capacity(jobs.len());
            for thread in running {
                // A panic of a reader is one of ours.
                done.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(done)
        })
    }
}
