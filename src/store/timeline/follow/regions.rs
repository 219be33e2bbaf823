//! From commits to what the index takes, one piece of the timeline after the other.
//!
//! A piece goes from one joint to the next: a single commit where history is a line, all that ran in parallel where lines
//! met. Only one piece's changes are held at a time.

use gix::ObjectId;

use super::gather::{Gather, Header};
use super::{ClockFinding, Effects, Entry, FollowError, Hold, Keeper, Remembered, Source, Work, path_number};
use crate::store::timeline::graph::{self, Clocks, Delta, Graph, Kind, Node};
use crate::store::timeline::{Change, TimelineError};

/// The timeline above what the index keeps.
struct Line<'g> {
    gather: &'g Gather,
    clocks: Clocks,
    /// Places of commits in `gather`, ancestors first.
    order: Vec<usize>,
    /// By place in `order`.
    joints: Vec<bool>,
    /// By place in `gather`.
    trunk: Vec<bool>,
    /// How many of `order` the index keeps.
    skip: usize,
    /// The position of the first of `order`.
    first: i64,
    /// The tree of the commit that the index keeps last.
    base_tree: Option<ObjectId>,
}

/// Gives the index the commits after `kept`, which are those gathered but for the `skip` first.
///
/// Returns whose clocks were ahead, and whether history is cut.
pub(super) fn emit<S: Source, K: Keeper>(
    source: &mut S,
    keeper: &mut K,
    gather: &Gather,
    clocks: Clocks,
    kept: Option<Remembered>,
    skip: usize,
) -> Result<(Vec<ClockFinding>, bool), FollowError<K::Error>> {
    if skip == gather.len() {
        return Ok((Vec::new(), false));
    }
    let order = graph::topological(gather, |node| effect(gather.header(node), clocks.recorded[node]));
    let joints = joints(gather, &order);
    let base_tree = match kept {
        None => None,
        Some(kept) if skip == 0 => {
            let commit = source.commit(kept.commit)?.ok_or(TimelineError::Missing(kept.commit))?;
            Some(commit.0.tree)
        }
        Some(_) => Some(gather.header(order[skip - 1]).tree),
    };
    let first = kept.map_or(0, |kept| kept.position + 1) - skip as i64;
    let line = Line { gather, trunk: trunk(gather), clocks, order, joints, skip, first, base_tree };
    source.differences(&line, |next| Emit { line: &line, keeper, kept, seen: Effects::new() }.run(next))?;
    let added = &line.order[skip..];
    let finding = |&node: &usize| {
        let (header, recorded) = (gather.header(node), line.clocks.recorded[node]);
        let found = ClockFinding { commit: header.id, recorded: header.committer, cut_to: recorded };
        (recorded != header.committer).then_some(found)
    };
    let findings = added.iter().filter_map(finding).collect();
    Ok((findings, added.iter().any(|&node| gather.header(node).edge)))
}

/// When a commit takes effect by itself.
fn effect(header: &Header, recorded: i64) -> i64 {
    graph::effect_of(header.kind, header.author, recorded)
}

/// Which places of `order` nothing runs in parallel to.
fn joints(gather: &Gather, order: &[usize]) -> Vec<bool> {
    let mut place = vec![0_u32; order.len()];
    for (at, &node) in order.iter().enumerate() {
        place[node] = at as u32;
    }
    // The last place that builds on a commit, and on what lies below all of these.
    let mut last_child: Vec<u32> = (0..order.len() as u32).collect();
    let mut far = 0;
    let mut last_root = 0;
    for (at, &node) in order.iter().enumerate() {
        let at = at as u32;
        let mut is_root = true;
        for parent in gather.followed(node) {
            is_root = false;
            match parent {
                None => far = at,
                Some(parent) => last_child[place[parent] as usize] = at,
            }
        }
        if is_root {
            last_root = at;
        }
    }
    drop(place);
    let mut joints = Vec::with_capacity(order.len());
    for (at, last_child) in last_child.into_iter().enumerate() {
        let at = at as u32;
        joints.push(far <= at && last_root <= at);
        far = far.max(last_child);
    }
    joints
}

/// Which commits are on the first-parent line of the head, which is the first gathered.
fn trunk(gather: &Gather) -> Vec<bool> {
    let mut trunk = vec![false; gather.len()];
    let mut node = Some(0);
    while let Some(on) = node {
        trunk[on] = true;
        node = gather.followed(on).next().flatten();
    }
    trunk
}

impl Line<'_> {
    fn remembered(&self, at: usize) -> Remembered {
        let node = self.order[at];
        let header = self.gather.header(node);
        Remembered {
            position: self.first + at as i64,
            commit: header.id,
            committer: header.committer,
            recorded: self.clocks.recorded[node],
            trunk: self.trunk[node],
            joint: self.joints[at],
            settled: self.joints[at] && self.clocks.ends_run[node],
            edge: header.edge,
            named: header.named,
        }
    }

    fn entry(&self, at: usize, changes: Vec<Change>, holds: Vec<Hold>) -> Entry {
        let node = self.order[at];
        let header = self.gather.header(node);
        Entry {
            remembered: self.remembered(at),
            effective: effect(header, self.clocks.recorded[node]),
            author_time: header.author,
            changes,
            holds,
        }
    }
}

impl Work for Line<'_> {
    fn count(&self) -> usize {
        self.order.len() - self.skip
    }

    fn trees(&self, piece: usize) -> (ObjectId, [Option<Option<ObjectId>>; 2]) {
        let node = self.order[self.skip + piece];
        let mut olds = [None; 2];
        for (old, parent) in olds.iter_mut().zip(self.gather.followed(node)) {
            *old = Some(parent.map_or(self.base_tree, |parent| Some(self.gather.header(parent).tree)));
        }
        if olds[0].is_none() {
            olds[0] = Some(None);
        }
        (self.gather.header(node).tree, olds)
    }
}

type Next<'n> = &'n mut dyn FnMut() -> Result<Vec<Vec<Delta>>, TimelineError>;

/// The commits of a piece, when each was recorded, and the one that stands for all before.
type Piece = (Vec<Node>, Vec<i64>, Option<usize>);

struct Emit<'a, 'g, K> {
    line: &'a Line<'g>,
    keeper: &'a mut K,
    kept: Option<Remembered>,
    /// Of the paths that came by.
    seen: Effects,
}

impl<K: Keeper> Emit<'_, '_, K> {
    fn run(mut self, next: Next<'_>) -> Result<(), FollowError<K::Error>> {
        let mut from = self.line.skip;
        while from < self.line.order.len() {
            let length = self.line.joints[from..].iter().take_while(|joint| !**joint).count();
            let to = (from + length).min(self.line.order.len() - 1);
            if from == to {
                self.single(from, next)?;
            } else {
                self.parallel(from, to, next)?;
            }
            from = to + 1;
        }
        Ok(())
    }

    /// A commit with nothing beside it.
    fn single(&mut self, at: usize, next: Next<'_>) -> Result<(), FollowError<K::Error>> {
        let mut entry = self.line.entry(at, Vec::new(), Vec::new());
        for delta in next()?.into_iter().next().unwrap_or_default() {
            let before = below(&self.seen, self.keeper, self.kept, &delta.path).map_err(FollowError::Keeper)?;
            let effective = before.map_or(entry.effective, |before| before.max(entry.effective));
            self.seen.insert(path_number(&delta.path), effective);
            entry.changes.push(Change { path: delta.path, old: delta.old, new: delta.new, effective });
        }
        self.keeper.add(entry).map_err(FollowError::Keeper)
    }

    /// Commits that ran in parallel, up to the one where all of them meet.
    fn parallel(&mut self, from: usize, to: usize, next: Next<'_>) -> Result<(), FollowError<K::Error>> {
        let (nodes, recorded, base) = self.nodes(from, to, next)?;
        let graph = Graph::new(&nodes, &recorded);
        let (seen, keeper, kept) = (&self.seen, &mut *self.keeper, self.kept);
        let mut effects = graph::changes_above(&graph, base, &mut |path| below(seen, keeper, kept, path))
            .map_err(FollowError::Keeper)?;
        let first = usize::from(base.is_some());
        for at in from..=to {
            let of_node = std::mem::take(&mut effects[at - from + first]);
            let changes = of_node.changes.iter().map(|change| (&change.path, change.effective));
            for (path, effective) in changes.chain(of_node.holds.iter().map(|hold| (&hold.path, hold.effective))) {
                let known = self.seen.entry(path_number(path)).or_insert(effective);
                *known = effective.max(*known);
            }
            let entry = self.line.entry(at, of_node.changes, of_node.holds);
            self.keeper.add(entry).map_err(FollowError::Keeper)?;
        }
        Ok(())
    }

    /// The commits of a piece as a graph of their own, above one that stands for all before, if there is any.
    fn nodes(&self, from: usize, to: usize, next: Next<'_>) -> Result<Piece, TimelineError> {
        let Line { gather, order, .. } = self.line;
        let mut nodes = Vec::with_capacity(to - from + 2);
        let mut recorded = Vec::with_capacity(to - from + 2);
        let mut places = std::collections::HashMap::new();
        let base = (from > 0 || self.line.first > 0).then_some(0);
        if base.is_some() {
            let stub = self.kept.map_or(ObjectId::null(gix::hash::Kind::Sha1), |kept| kept.commit);
            nodes.push(Node {
                id: stub,
                parents: Vec::new(),
                author: i64::MIN,
                committer: i64::MIN,
                kind: Kind::Ordinary,
                deltas: Vec::new(),
            });
            recorded.push(i64::MIN);
        }
        for &node in &order[from..=to] {
            let header = gather.header(node);
            // A parent that is not of this piece is the joint before it.
            let parents = gather.followed(node);
            let parents = parents.map(|parent| parent.and_then(|parent| places.get(&parent).copied()).unwrap_or(0));
            let parents: Vec<usize> = parents.collect();
            places.insert(node, nodes.len());
            recorded.push(self.line.clocks.recorded[node]);
            nodes.push(Node {
                id: header.id,
                parents,
                author: header.author,
                committer: header.committer,
                kind: header.kind,
                deltas: next()?,
            });
        }
        Ok((nodes, recorded, base))
    }
}

/// When the last version of a path so far takes effect.
fn below<K: Keeper>(
    seen: &Effects,
    keeper: &mut K,
    kept: Option<Remembered>,
    path: &str,
) -> Result<Option<i64>, K::Error> {
    match (seen.get(&path_number(path)), kept) {
        (Some(&effective), _) => Ok(Some(effective)),
        (None, Some(_)) => keeper.last_effect(path),
        (None, None) => Ok(None),
    }
}
