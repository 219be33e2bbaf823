//! History as the git repository has it, compared by as many threads as there are processors when there is much of it.
//!
//! Each thread takes whole stretches of the timeline in turn, so that a tree read for one commit is at hand for the next.
//! They share one opening of the repository, and when all have done some stretches it is opened anew: pages of a pack that
//! were read stay mapped as long as it is open, and the whole pack of a large desk would count as memory in use.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use gix::ObjectId;

use super::{Source, Work};
use crate::store::reading::Shared;
use crate::store::timeline::TimelineError;
use crate::store::timeline::caches::PackCache;
use crate::store::timeline::commits::{Commit, Commits};
use crate::store::timeline::graph::Delta;
use crate::store::timeline::trees::Trees;

/// Pieces of work that a thread does in one go.
const STRETCH: usize = 512;

/// Stretches of all threads together after which the repository is opened anew.
const STRETCHES_OPEN: usize = 8;

/// Commits that are read as the repository is open for all else.
const FEW: usize = 64;

/// Commits after which the repository is opened anew.
const COMMITS_OPEN: usize = 8_192;

/// Holds the trees that stand for others in packs, one version of each month a desk works on and what led to it.
const PACK_BYTES: usize = 8 << 20;

/// The differences of a stretch, one piece of work after the other.
type Stretch = Vec<Vec<Vec<Delta>>>;

pub(super) struct Repository<'r> {
    commits: Commits<'r>,
    boundary: Vec<ObjectId>,
    repo: &'r gix::Repository,
    shared: &'r Shared,
    prefix: &'r str,
    read: usize,
}

/// The same repository with what makes reading many objects of one pack fast.
pub(super) fn with_cache(mut repo: gix::Repository) -> gix::Repository {
    repo.objects.set_pack_cache(|| Box::new(PackCache::new(PACK_BYTES)));
    repo
}

impl<'r> Repository<'r> {
    pub(super) fn new(
        repo: &'r gix::Repository,
        shared: &'r Shared,
        boundary: Vec<ObjectId>,
        prefix: &'r str,
        desk_branch: &'r str,
    ) -> Repository<'r> {
        Repository { commits: Commits::new(repo, desk_branch), boundary, repo, shared, prefix, read: 0 }
    }
}

impl Source for Repository<'_> {
    fn commit(&mut self, id: ObjectId) -> Result<Option<(Commit, bool)>, TimelineError> {
        self.read += 1;
        // What the others have open is spared the pages of many.
        if self.read == FEW || self.read.is_multiple_of(COMMITS_OPEN) {
            let repo = self.shared.reopened().map_err(|source| TimelineError::Open(source.into()))?;
            self.commits.reopened(with_cache(repo.into()));
        }
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
        // What only reading commits needed.
        self.commits.reopened(self.repo.clone());
        let (shared, prefix) = (self.shared, self.prefix);
        let newest_first = &AtomicBool::new(false);
        let count = work.count().div_ceil(STRETCH);
        std::thread::scope(|scope| {
            let spawn = |_| {
                let (order, orders) = sync_channel::<Order>(1);
                // One stretch waits while the next is worked on.
                let (to, done) = sync_channel(1);
                scope.spawn(move || {
                    for order in orders {
                        compare(order, prefix, work, newest_first, &to);
                    }
                });
                Worker { order, done }
            };
            let workers: Vec<Worker> = (0..threads).map(spawn).collect();
            let begin = |first: usize| -> Result<(), TimelineError> {
                let repo = shared.reopened().map_err(|source| TimelineError::Open(source.into()))?;
                let last = count.min(first + STRETCHES_OPEN);
                for (thread, worker) in workers.iter().enumerate() {
                    let stretches = (first + thread..last).step_by(threads);
                    // A worker that is gone has said why, or gives nothing more.
                    let _ = worker.order.send(Order { repo: repo.clone(), stretches });
                }
                Ok(())
            };
            let mut stretch = 0;
            let mut pieces = Vec::new().into_iter();
            take(&mut || {
                if let Some(piece) = pieces.next() {
                    return Ok(piece);
                }
                let next = |worker: &Worker| worker.done.recv().unwrap_or(Ok(None));
                if stretch == 0 {
                    begin(0)?;
                }
                let done = next(&workers[stretch % STRETCHES_OPEN % threads])?;
                stretch += 1;
                if stretch.is_multiple_of(STRETCHES_OPEN) && stretch < count {
                    // What all had mapped goes before more is. The next stretches are worked on while this one is looked at.
                    for worker in &workers {
                        next(worker)?;
                    }
                    begin(stretch)?;
                }
                pieces = done.unwrap_or_default().into_iter();
                Ok(pieces.next().unwrap_or_default())
            })
        })
    }
}

/// A thread that compares trees as long as orders come.
struct Worker {
    order: SyncSender<Order>,
    done: Receiver<Result<Option<Stretch>, TimelineError>>,
}

/// Stretches to work on with one opening of the repository.
struct Order {
    repo: gix::ThreadSafeRepository,
    stretches: std::iter::StepBy<std::ops::Range<usize>>,
}

/// Works on some stretches, until nobody listens any more. Nothing is mapped any more when it says that it is at the end.
///
/// A pack that git wrote by itself has the newest version of a tree whole and the older ones by their differences to it; one
/// written commit by commit the other way round. `newest_first` is learned from the stretch before, so that what a tree is
/// put together from is always at hand.
fn compare(
    order: Order,
    prefix: &str,
    work: &(dyn Work + Sync),
    newest_first: &AtomicBool,
    to: &SyncSender<Result<Option<Stretch>, TimelineError>>,
) {
    let Order { repo, stretches } = order;
    let repo = with_cache(repo.into());
    let mut trees = Trees::new(&repo, prefix, None);
    for stretch in stretches {
        let pieces = stretch * STRETCH..work.count().min((stretch + 1) * STRETCH);
        let mut one = |piece| differences(&mut trees, work, piece);
        let done: Result<Stretch, TimelineError> = if newest_first.load(Ordering::Relaxed) {
            pieces.rev().map(&mut one).collect::<Result<Stretch, _>>().map(|mut done| {
                done.reverse();
                done
            })
        } else {
            pieces.map(&mut one).collect()
        };
        if let Some(is) = trees.builds_on_newer() {
            newest_first.store(is, Ordering::Relaxed);
        }
        if to.send(done.map(Some)).is_err() {
            return;
        }
    }
    drop(trees);
    drop(repo);
    let _ = to.send(Ok(None));
}

fn differences(trees: &mut Trees<'_>, work: &dyn Work, piece: usize) -> Result<Vec<Vec<Delta>>, TimelineError> {
    let (new, olds) = work.trees(piece);
    olds.into_iter().flatten().map(|old| trees.deltas(old, Some(new))).collect()
}
