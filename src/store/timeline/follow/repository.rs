//! History as the git repository has it, compared by as many threads as there are processors when there is much of it.
//!
//! Each thread takes whole stretches of the timeline in turn, so that a tree read for one commit is at hand for the next.
//! Now and then the repository is opened anew: pages of a pack that were read stay mapped as long as it is open, and the
//! whole pack of a large desk would count as memory in use, once for each thread.

use std::path::Path;
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

/// Stretches after which a thread opens the repository anew.
const STRETCHES_OPEN: usize = 4;

/// Commits after which the repository is opened anew.
const COMMITS_OPEN: usize = 8_192;

/// Holds the trees that stand for others in packs, one version of each month a desk works on and what led to it.
const PACK_BYTES: usize = 16 << 20;

/// The differences of a stretch, one piece of work after the other.
type Stretch = Result<Vec<Vec<Vec<Delta>>>, TimelineError>;

pub(super) struct Repository<'r> {
    commits: Commits<'r>,
    boundary: Vec<ObjectId>,
    repo: &'r gix::Repository,
    prefix: &'r str,
    read: usize,
}

/// The same repository with what makes reading many objects of one pack fast.
pub(super) fn with_cache(mut repo: gix::Repository) -> gix::Repository {
    repo.objects.set_pack_cache(|| Box::new(PackCache::new(PACK_BYTES)));
    repo
}

/// The same repository, with pages of its own.
fn open_again(git_dir: &Path, options: &gix::open::Options) -> Result<gix::Repository, TimelineError> {
    let opened = gix::open_opts(git_dir, options.clone().open_path_as_is(true));
    Ok(with_cache(opened.map_err(|source| TimelineError::Open(source.into()))?))
}

impl<'r> Repository<'r> {
    pub(super) fn new(
        repo: &'r gix::Repository,
        boundary: Vec<ObjectId>,
        prefix: &'r str,
        desk_branch: &'r str,
    ) -> Repository<'r> {
        Repository { commits: Commits::new(repo, desk_branch), boundary, repo, prefix, read: 0 }
    }
}

impl Source for Repository<'_> {
    fn commit(&mut self, id: ObjectId) -> Result<Option<(Commit, bool)>, TimelineError> {
        self.read += 1;
        if self.read.is_multiple_of(COMMITS_OPEN) {
            self.commits.reopened(open_again(self.repo.git_dir(), self.repo.open_options())?);
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
        let (git_dir, options, prefix) = (self.repo.git_dir(), self.repo.open_options().clone(), self.prefix);
        std::thread::scope(|scope| {
            let mut from: Vec<Receiver<Stretch>> = Vec::new();
            for thread in 0..threads {
                // One stretch waits while the next is worked on.
                let (to, receiver) = sync_channel(1);
                from.push(receiver);
                let options = options.clone();
                scope.spawn(move || {
                    let mut stretches = (thread..work.count().div_ceil(STRETCH)).step_by(threads).peekable();
                    let mut newest_first = false;
                    while stretches.peek().is_some() {
                        let done = open_again(git_dir, &options).and_then(|repo| {
                            let some = stretches.by_ref().take(STRETCHES_OPEN);
                            compare(&repo, prefix, work, some, &mut newest_first, &to)
                        });
                        if let Err(error) = done {
                            // Nobody listens any more once another stretch failed.
                            let _ = to.send(Err(error));
                            return;
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

/// Works on some stretches, until nobody listens any more.
///
/// A pack that git wrote by itself has the newest version of a tree whole and the older ones by their differences to it; one
/// written commit by commit the other way round. `newest_first` is learned from the stretch before, so that what a tree is
/// put together from is always at hand.
fn compare(
    repo: &gix::Repository,
    prefix: &str,
    work: &(dyn Work + Sync),
    stretches: impl Iterator<Item = usize>,
    newest_first: &mut bool,
    to: &SyncSender<Stretch>,
) -> Result<(), TimelineError> {
    let mut trees = Trees::new(repo, prefix, None);
    for stretch in stretches {
        let pieces = stretch * STRETCH..work.count().min((stretch + 1) * STRETCH);
        let mut one = |piece| differences(&mut trees, work, piece);
        let done = if *newest_first {
            let mut done = pieces.rev().map(&mut one).collect::<Result<Vec<_>, _>>()?;
            done.reverse();
            done
        } else {
            pieces.map(&mut one).collect::<Result<Vec<_>, _>>()?
        };
        *newest_first = trees.builds_on_newer().unwrap_or(*newest_first);
        if to.send(Ok(done)).is_err() {
            break;
        }
    }
    Ok(())
}

fn differences(trees: &mut Trees<'_>, work: &dyn Work, piece: usize) -> Result<Vec<Vec<Delta>>, TimelineError> {
    let (new, olds) = work.trees(piece);
    olds.into_iter().flatten().map(|old| trees.deltas(old, Some(new))).collect()
}
