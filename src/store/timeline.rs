//! The desk's timeline: which version of which file was in effect when.
//!
//! The timeline is the first-parent line of the desk's branch. Two dates make the time a commit takes effect:
//!
//! - An ordinary commit takes effect at the earlier of its author and committer dates.
//! - A merge that lands a branch takes effect at its committer date, with its whole difference to its first parent; the
//!   commits of the branch are not on the timeline.
//! - A merge of a branch with its own remote lands nothing. Both lines down to their merge base are on the timeline, at
//!   their own dates, whichever parent came first. Only a file changed on both takes the merge's version last.
//! - No version of a file takes effect before the one it replaces.
//! - A committer date more than a day after a descendant's is cut to the descendant's and reported. A descendant whose own
//!   clock was behind cuts nothing, once later commits have gone back to the dates before it.
//!
//! A merge is of a branch with its own remote if it has two parents and its subject, as `git pull` writes it, says
//! `Merge branch 'X' of URL` or `Merge remote-tracking branch 'REMOTE/X'`, where X is the desk's branch or the branch
//! named by `into X` at the end.
//!
//! Here every path is a record of its own. A caller whose records are several files, or move, groups the changes and
//! carries the third rule across the group.
//!
//! Nothing here knows the present: a commit from a clock that is ahead takes effect in the future until a commit on top
//! of it brings it back. What holds now is the tree of HEAD and needs no timeline.

pub(crate) mod caches;
mod commits;
pub mod follow;
mod graph;
mod trees;

use std::collections::{BTreeMap, BinaryHeap};

use gix::ObjectId;
use gix::hashtable::HashMap;

use commits::{Commit, Commits};
use graph::{Graph, Kind, Node};
use trees::Trees;

/// Why the history could not be walked.
#[derive(Debug, thiserror::Error)]
pub enum TimelineError {
    /// An object is damaged, of another kind or missing where no shallow boundary explains it.
    #[error("cannot read object {id}")]
    Object {
        /// The object.
        id: ObjectId,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A commit to start or stop at is not in the repository.
    #[error("no commit {0} in the repository")]
    Missing(ObjectId),
    /// The list of commits where a shallow history ends cannot be read.
    #[error("cannot read where the shallow history ends")]
    Shallow(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The repository cannot be opened once more, for another thread.
    #[error("cannot open the repository once more")]
    Open(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl TimelineError {
    fn object(id: ObjectId, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        TimelineError::Object { id, source: source.into() }
    }
}

/// How far to walk and what to look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct WalkOptions<'a> {
    /// Files or folders, relative to the desk; all of them if `None`. Only positions that change one are returned then.
    pub paths: Option<&'a [String]>,
    /// Return only what is not on this commit's own timeline, as for an index that already has that.
    ///
    /// Effects are then held against the predecessors among the commits walked; the caller has the earlier ones.
    pub stop_at: Option<ObjectId>,
    /// The name of the desk's branch, without `refs/heads/`.
    pub desk_branch: &'a str,
}

/// The commits of a timeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Oldest first: after everything they build on, else by the time they take effect.
    pub positions: Vec<Position>,
    /// Commits whose clock was ahead, oldest first.
    pub clock_findings: Vec<ClockFinding>,
    /// Whether history is cut: the oldest commits then seem to have made everything they hold.
    pub shallow: bool,
    /// Whether `stop_at` is on this timeline; if not, the branch has moved elsewhere since.
    pub contains_stop: bool,
}

/// One commit of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The commit.
    pub commit: ObjectId,
    /// When it takes effect by its own dates, in seconds since 1970; a change of it may take effect later.
    pub effective: i64,
    /// When it was recorded: its committer date, cut if the clock was ahead.
    pub recorded: i64,
    /// When it is said to have happened: its author date, as written.
    pub author_time: i64,
    /// What it changed in the desk.
    pub changes: Vec<Change>,
}

/// A new version of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path in the desk.
    pub path: String,
    /// The blob it replaces, if there was one.
    pub old: Option<ObjectId>,
    /// The blob from then on, `None` once deleted.
    pub new: Option<ObjectId>,
    /// When this version takes effect: never before the version it replaces.
    pub effective: i64,
}

/// A committer date that was cut because commits on top of it were recorded earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockFinding {
    /// The commit.
    pub commit: ObjectId,
    /// Its committer date.
    pub recorded: i64,
    /// The date that counts instead.
    pub cut_to: i64,
}

/// One version of a file, as [`versions`] lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The commit that made it.
    pub commit: ObjectId,
    /// When it takes effect.
    pub effective: i64,
    /// When it was recorded.
    pub recorded: i64,
    /// The content, `None` where the file was deleted.
    pub blob: Option<ObjectId>,
}

/// Walks the timeline that ends in `head`, for the desk in the folder `prefix` (empty for the root).
///
/// A shallow boundary ends the walk without an error and is told by [`Line::shallow`].
///
/// # Errors
/// [`TimelineError::Missing`] if `head` or `stop_at` is not in the repository, [`TimelineError::Object`] for damage.
pub fn walk(
    repo: &gix::Repository,
    head: ObjectId,
    prefix: &str,
    options: WalkOptions<'_>,
) -> Result<Line, TimelineError> {
    // Each tree is wanted twice, as the new one of a commit and as the old one of its child.
    let mut repo = repo.clone();
    repo.object_cache_size_if_unset(TREE_CACHE_BYTES);
    let mut walker = Walker::new(&repo, options.desk_branch)?;
    let contains_stop = walker.paint(head, options.stop_at)?;
    let mut trees = Trees::new(&repo, prefix, options.paths);
    let nodes = walker.nodes(&mut trees)?;
    let (recorded, clock_findings) = graph::recorded(&nodes);
    let graph = Graph::new(&nodes, &recorded);
    let mut changes = graph::changes(&graph);
    let mut line = Line { shallow: walker.shallow, contains_stop, ..Line::default() };
    for &node in graph.order() {
        if walker.commits[node].flags & STOP != 0 {
            continue;
        }
        let changes = std::mem::take(&mut changes[node]);
        if options.paths.is_some() && changes.is_empty() {
            continue;
        }
        line.positions.push(Position {
            commit: nodes[node].id,
            effective: graph.effect(node),
            recorded: recorded[node],
            author_time: nodes[node].author,
            changes,
        });
    }
    line.clock_findings = clock_findings;
    Ok(line)
}

/// The files that differ between two root trees, by their path in the desk in the folder `prefix`.
///
/// # Errors
/// [`TimelineError::Object`] for damage.
pub fn differences(
    repo: &gix::Repository,
    prefix: &str,
    old: ObjectId,
    new: ObjectId,
) -> Result<Vec<super::ChangedFile>, TimelineError> {
    let found = Trees::new(repo, prefix, None).deltas(Some(old), Some(new))?;
    Ok(found.into_iter().map(|delta| super::ChangedFile { path: delta.path, old: delta.old, new: delta.new }).collect())
}

/// The files of the desk as of `at`, a moment that counts itself: for each the last version in effect then.
pub fn fold_at(line: &Line, at: i64) -> BTreeMap<String, ObjectId> {
    let mut last: BTreeMap<&str, &Change> = BTreeMap::new();
    for change in line.positions.iter().flat_map(|position| &position.changes) {
        if change.effective > at {
            continue;
        }
        let known = last.entry(&change.path).or_insert(change);
        // Of two at one moment the later position counts.
        if change.effective >= known.effective {
            *known = change;
        }
    }
    last.into_iter().filter_map(|(path, change)| change.new.map(|blob| (path.to_owned(), blob))).collect()
}

/// The versions of one file in the order in which they take effect.
pub fn versions(line: &Line, path: &str) -> Vec<Version> {
    let mut versions: Vec<Version> = line
        .positions
        .iter()
        .flat_map(|position| position.changes.iter().map(move |change| (position, change)))
        .filter(|(_, change)| change.path == path)
        .map(|(position, change)| Version {
            commit: position.commit,
            effective: change.effective,
            recorded: position.recorded,
            blob: change.new,
        })
        .collect();
    // Stable: at one moment the later position stays last.
    versions.sort_by_key(|version| version.effective);
    versions
}

/// Holds the trees of a few hundred commits of a large desk.
const TREE_CACHE_BYTES: usize = 16 << 20;

/// The commits where a shallow history ends, none for a whole one.
fn boundary(repo: &gix::Repository) -> Result<Vec<ObjectId>, TimelineError> {
    let boundary = repo.shallow_commits().map_err(|source| TimelineError::Shallow(source.into()))?;
    Ok(boundary.map(|ids| ids.iter().copied().collect()).unwrap_or_default())
}

/// Reached from the head.
const WANT: u8 = 1;
/// Reached from the commit to stop at.
const STOP: u8 = 2;

/// A commit as far as the walk needs it.
struct Walked {
    id: ObjectId,
    commit: Commit,
    flags: u8,
    queued: bool,
}

/// Collects the commits of a timeline.
struct Walker<'r> {
    repo: &'r gix::Repository,
    reader: Commits<'r>,
    boundary: Vec<ObjectId>,
    commits: Vec<Walked>,
    known: HashMap<ObjectId, usize>,
    shallow: bool,
}

impl<'r> Walker<'r> {
    fn new(repo: &'r gix::Repository, desk_branch: &'r str) -> Result<Walker<'r>, TimelineError> {
        Ok(Walker {
            repo,
            reader: Commits::new(repo, desk_branch),
            boundary: boundary(repo)?,
            commits: Vec::new(),
            known: HashMap::default(),
            shallow: false,
        })
    }

    /// Finds all commits below `head`, and below `stop` as far down as the two have not met; returns whether they met at
    /// `stop` itself.
    ///
    /// Newest committer date first, so that both sides come to their common commits at about the same time.
    fn paint(&mut self, head: ObjectId, stop: Option<ObjectId>) -> Result<bool, TimelineError> {
        let mut queue = BinaryHeap::new();
        let mut wanted = 0_usize;
        let mut at_root = false;
        let mut todo = vec![(head, WANT)];
        todo.extend(stop.map(|stop| (stop, STOP)));
        for &(id, _) in &todo {
            self.load(id)?.ok_or(TimelineError::Missing(id))?;
        }
        loop {
            for (id, flag) in todo.drain(..) {
                let Some(index) = self.load(id)? else { continue };
                let commit = &mut self.commits[index];
                let before = commit.flags;
                commit.flags |= flag;
                let was_wanted = commit.queued && before == WANT;
                // What both reach needs no second visit, unless it was taken for the head's alone.
                let visit = before == 0 || (before == WANT && flag == STOP);
                if visit && !commit.queued {
                    commit.queued = true;
                    queue.push((commit.commit.committer, index));
                    wanted += usize::from(commit.flags == WANT);
                } else if was_wanted && commit.flags != WANT {
                    wanted -= 1;
                }
            }
            // A way down to a root passed the common commits by; then every commit below `stop` has to be looked at.
            if wanted == 0 && !at_root {
                break;
            }
            let Some((_, index)) = queue.pop() else { break };
            let commit = &mut self.commits[index];
            commit.queued = false;
            let flag = if commit.flags & STOP == 0 { WANT } else { STOP };
            wanted -= usize::from(flag == WANT);
            at_root |= flag == WANT && stop.is_some() && commit.commit.followed.is_empty();
            todo.extend(commit.commit.followed.iter().map(|&parent| (parent, flag)));
        }
        let met = stop.and_then(|stop| self.known.get(&stop));
        Ok(met.is_some_and(|&index| self.commits[index].flags & WANT != 0))
    }

    /// The place of a commit in `commits`, read if need be; `None` if it is not in the repository.
    fn load(&mut self, id: ObjectId) -> Result<Option<usize>, TimelineError> {
        if let Some(&index) = self.known.get(&id) {
            return Ok(Some(index));
        }
        let Some(mut commit) = self.reader.read(id)? else { return Ok(None) };
        if self.boundary.contains(&id) {
            self.shallow |= !commit.followed.is_empty();
            commit.followed.clear();
        }
        let parents = commit.followed.len();
        commit.followed.retain(|parent| self.known.contains_key(parent) || self.exists(*parent));
        self.shallow |= commit.followed.len() < parents;
        if commit.kind == Kind::Pull && commit.followed.len() < 2 {
            // With one line cut off, what came from it can only count when it was merged.
            commit.kind = Kind::Landing;
        }
        self.commits.push(Walked { id, commit, flags: 0, queued: false });
        self.known.insert(id, self.commits.len() - 1);
        Ok(Some(self.commits.len() - 1))
    }

    fn exists(&self, id: ObjectId) -> bool {
        self.repo.has_object(id)
    }

    /// The commits as the rule of the clocks wants them, by their place in `commits`.
    fn nodes(&mut self, trees: &mut Trees<'_>) -> Result<Vec<Node>, TimelineError> {
        // Below `stop` changes matter only where a pull weighs one line against the other.
        let pulls = self.commits.iter().any(|commit| commit.flags & STOP == 0 && commit.commit.kind == Kind::Pull);
        let mut nodes = Vec::with_capacity(self.commits.len());
        for place in 0..self.commits.len() {
            let commit = &self.commits[place];
            let mut deltas = Vec::new();
            if pulls || commit.flags & STOP == 0 {
                let (tree, followed) = (commit.commit.tree, commit.commit.followed.clone());
                if followed.is_empty() {
                    deltas.push(trees.deltas(None, Some(tree))?);
                }
                for parent in followed {
                    let parent = self.tree_of(parent)?;
                    deltas.push(trees.deltas(Some(parent), Some(tree))?);
                }
            }
            let Walked { id, ref commit, .. } = self.commits[place];
            let parents: Vec<usize> =
                commit.followed.iter().filter_map(|parent| self.known.get(parent).copied()).collect();
            nodes.push(Node {
                id,
                // A pull at the lower edge of the walk has one line too few to weigh anything.
                kind: if commit.kind == Kind::Pull && parents.len() < 2 { Kind::Landing } else { commit.kind },
                parents,
                author: commit.author,
                committer: commit.committer,
                deltas,
            });
        }
        Ok(nodes)
    }

    fn tree_of(&mut self, id: ObjectId) -> Result<ObjectId, TimelineError> {
        if let Some(&index) = self.known.get(&id) {
            return Ok(self.commits[index].commit.tree);
        }
        Ok(self.reader.read(id)?.ok_or(TimelineError::Missing(id))?.tree)
    }
}

#[cfg(test)]
#[path = "timeline/tests.rs"]
mod tests;
