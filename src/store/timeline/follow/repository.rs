//! History as the git repository has it, compared by as many threads as there are processors when there is much of it.
//!
//! Each thread takes whole stretches of the timeline in turn, so that a tree read for one commit is at hand for the next.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use gix::ObjectId;

use super::{Source, Work};
use crate::store::timeline::TimelineError;
use crate::store::timeline::caches::PackCache;
use crate::store::timeline::commits::{Commit, Commits};
use crate::store::timeline::graph::Delta;
use crate::store::timeline::trees::Trees;

/// Pieces of work that a thread does in one go.
const STRETCH: usize = 512;

/// Holds the trees that stand for others in packs, one version of each month a desk works on and what led to it.
const PACK_BYTES: usize = 16 << 20;

/// The differences of a stretch, one piece of work after the other.
type Stretch = Result<Vec<Vec<Vec<Delta>>>, TimelineError>;

pub(super) struct Repository<'r> {
    commits: Commits<'r>,
    boundary: Vec<ObjectId>,
    repo: &'r gix::Repository,
    prefix: &'r str,
}

/// The same repository with what makes reading many objects of one pack fast.
pub(super) fn with_cache(mut repo: gix::Repository) -> gix::Repository {
    repo.objects.set_pack_cache(|| Box::new(PackCache::new(PACK_BYTES)));
    repo
}

impl<'r> Repository<'r> {
    pub(super) fn new(
        repo: &'r gix::Repository,
        boundary: Vec<ObjectId>,
        prefix: &'r str,
        desk_branch: &'r str,
    ) -> Repository<'r> {
        Repository { commits: Commits::new(repo, desk_branch), boundary, repo, prefix }
    }
}

impl Source for Repository<'_> {
    fn commit(&mut self, id: ObjectId) -> Result<Option<(Commit, bool)>, TimelineError> {
        let Some(mut commit) = self.commits.read(id)? else { return Ok(None) };
        let mut edge = false;
        if self.boundary.contains(&id) {
            edge = !commit.followed.is_empty();
            commit.followed.clear();
        }
        Ok(Some((commit, edge)))
    }

    fn differences<T>(
        &mut self,
        work: &(dyn Work + Sync),
        take: impl FnOnce(&mut dyn FnMut() -> Result<Vec<Vec<Delta>>, TimelineError>) -> T,
    ) -> T {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        if threads == 1 || work.count() < 2 * STRETCH {
            let mut trees = Trees::new(self.repo, self.prefix, None);
            let mut piece = 0;
            return take(&mut || {
                piece += 1;
                differences(&mut trees, work, piece - 1)
            });
        }
        let (git_dir, options) = (self.repo.git_dir().to_owned(), self.repo.open_options().clone());
        std::thread::scope(|scope| {
            let mut from: Vec<Receiver<Stretch>> = Vec::new();
            for thread in 0..threads {
                // One stretch waits while the next is worked on.
                let (to, receiver) = sync_channel(1);
                from.push(receiver);
                let (git_dir, options, prefix) = (git_dir.clone(), options.clone(), self.prefix);
                scope.spawn(move || {
                    let opened = gix::open_opts(git_dir, options.open_path_as_is(true));
                    match opened {
                        Ok(repo) => stretches(&with_cache(repo), prefix, work, (thread, threads), &to),
                        Err(source) => {
                            // Nobody listens any more once another stretch failed.
                            let _ = to.send(Err(TimelineError::Open(source.into())));
                        }
                    }
                });
            }
            let mut stretch = 0;
            let mut pieces = Vec::new().into_iter();
            take(&mut || {
                if let Some(piece) = pieces.next() {
                    return Ok(piece);
                }
                let next = from[stretch % threads].recv();
                stretch += 1;
                pieces = next.unwrap_or(Ok(Vec::new()))?.into_iter();
                Ok(pieces.next().unwrap_or_default())
            })
        })
    }
}

/// Works on every so manieth stretch.
fn stretches(
    repo: &gix::Repository,
    prefix: &str,
    work: &(dyn Work + Sync),
    (first, step): (usize, usize),
    to: &SyncSender<Stretch>,
) {
    let mut trees = Trees::new(repo, prefix, None);
    for start in (first * STRETCH..work.count()).step_by(step * STRETCH) {
        let end = work.count().min(start + STRETCH);
        let done: Stretch = (start..end).map(|piece| differences(&mut trees, work, piece)).collect();
        let failed = done.is_err();
        if to.send(done).is_err() || failed {
            return;
        }
    }
}

fn differences(trees: &mut Trees<'_>, work: &dyn Work, piece: usize) -> Result<Vec<Vec<Delta>>, TimelineError> {
    let (new, olds) = work.trees(piece);
    olds.into_iter().flatten().map(|old| trees.deltas(old, Some(new))).collect()
}
