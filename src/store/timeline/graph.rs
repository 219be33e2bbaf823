//! When each commit takes effect: the rule of the two clocks, on a graph of commits and what they change.
//!
//! Pure: no repository. A node's parents here are the ones the desk's timeline follows: the first for an ordinary
//! commit and for a merge that lands a branch, both for a merge of a branch with its own remote ([`Kind::Pull`]).
//!
//! Three steps, each independent of which parent of a pull comes first:
//!
//! 1. [`recorded`]: committer dates, cut where a clock was years ahead.
//! 2. [`Graph::order`]: ancestors before descendants, otherwise the earlier effect first, otherwise by id.
//! 3. [`changes`]: the versions of each path, never in effect before the ancestor they replace.
//!
//! They keep one promise that the tests state: the last version of every path is the one in the tree of the head.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use gix::ObjectId;

use super::{Change, ClockFinding};

/// Seconds by which clocks may disagree before one of them is called wrong.
const TOLERANCE_SECS: i64 = 86_400;

/// What a commit is to the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No merge: in effect at the earlier of its two dates.
    Ordinary,
    /// A merge that lands a branch: in effect when it was recorded.
    Landing,
    /// A merge of a branch with its own remote: both lines count, itself lands nothing.
    Pull,
}

/// What one commit does to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) path: String,
    pub(super) old: Option<ObjectId>,
    pub(super) new: Option<ObjectId>,
}

/// One commit.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) id: ObjectId,
    /// Indices of the parents that the timeline follows.
    pub(super) parents: Vec<usize>,
    pub(super) author: i64,
    pub(super) committer: i64,
    pub(super) kind: Kind,
    /// What changed against each of `parents` in turn; against nothing if there is none.
    pub(super) deltas: Vec<Vec<Delta>>,
}

/// Committer dates by node after the cut, and what was cut.
///
/// A date more than a day after a descendant's becomes the descendant's, so a clock that was years ahead pins nothing.
/// A descendant whose own clock was behind must not drag all of history back with it: a date that most of the history
/// before contradicts, and to which the history after does not keep, cuts nothing.
pub(super) fn recorded(nodes: &[Node]) -> (Vec<i64>, Vec<ClockFinding>) {
    let order = topological(nodes, |node| nodes[node].committer);
    let behind = behind(&order.iter().map(|&n| nodes[n].committer).collect::<Vec<_>>());
    let mut earliest_after = vec![i64::MAX; nodes.len()];
    let mut recorded: Vec<i64> = nodes.iter().map(|node| node.committer).collect();
    let mut findings = Vec::new();
    for (place, &node) in order.iter().enumerate().rev() {
        let limit = earliest_after[node];
        if recorded[node] > limit.saturating_add(TOLERANCE_SECS) {
            findings.push(ClockFinding { commit: nodes[node].id, recorded: recorded[node], cut_to: limit });
            recorded[node] = limit;
        }
        let own = if behind[place] { limit } else { limit.min(recorded[node]) };
        for &parent in &nodes[node].parents {
            earliest_after[parent] = earliest_after[parent].min(own);
        }
    }
    findings.reverse();
    (recorded, findings)
}

/// Which of `dates`, oldest commit first, come from a clock that was behind.
///
/// The longest rising run of dates is taken as true. A date off that run is behind if the run was already more than a
/// day further before it and goes on after it.
fn behind(dates: &[i64]) -> Vec<bool> {
    let mut tails: Vec<usize> = Vec::new();
    let mut previous = vec![None; dates.len()];
    for (place, &date) in dates.iter().enumerate() {
        let length = tails.partition_point(|&tail| dates[tail] <= date);
        previous[place] = length.checked_sub(1).map(|before| tails[before]);
        match tails.get_mut(length) {
            Some(tail) => *tail = place,
            None => tails.push(place),
        }
    }
    let mut behind = vec![false; dates.len()];
    let Some(&last) = tails.last() else { return behind };
    let mut upper = last;
    while let Some(lower) = previous[upper] {
        for place in lower + 1..upper {
            behind[place] = dates[place] < dates[lower].saturating_sub(TOLERANCE_SECS);
        }
        upper = lower;
    }
    behind
}

/// Ancestors first; among those that could come next the smallest `date`, then the smallest id.
fn topological(nodes: &[Node], date: impl Fn(usize) -> i64) -> Vec<usize> {
    let mut waiting: Vec<usize> = nodes.iter().map(|node| node.parents.len()).collect();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        for &parent in &node.parents {
            children[parent].push(index);
        }
    }
    let mut ready: BinaryHeap<_> = (0..nodes.len())
        .filter(|&node| waiting[node] == 0)
        .map(|node| Reverse((date(node), nodes[node].id, node)))
        .collect();
    let mut order = Vec::with_capacity(nodes.len());
    while let Some(Reverse((_, _, node))) = ready.pop() {
        order.push(node);
        for &child in &children[node] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                ready.push(Reverse((date(child), nodes[child].id, child)));
            }
        }
    }
    order
}

/// The commits with their effects, in an order in which ancestry questions are cheap.
pub(super) struct Graph<'a> {
    nodes: &'a [Node],
    /// When a node takes effect by itself, by node.
    effect: Vec<i64>,
    /// Nodes, ancestors first.
    order: Vec<usize>,
    /// Place in `order` by node.
    place: Vec<usize>,
    /// Segment by node: a run of commits with one parent and one child each, all of one line.
    segment: Vec<usize>,
    segments: Vec<Segment>,
}

struct Segment {
    /// Segments of the parents of the first commit.
    parents: Vec<usize>,
    /// Place of the last commit.
    end: usize,
}

impl<'a> Graph<'a> {
    /// `recorded` are the committer dates after the cut, by node.
    pub(super) fn new(nodes: &'a [Node], recorded: &[i64]) -> Graph<'a> {
        let effect: Vec<i64> = nodes
            .iter()
            .zip(recorded)
            .map(|(node, &recorded)| match node.kind {
                Kind::Ordinary => node.author.min(recorded),
                Kind::Landing | Kind::Pull => recorded,
            })
            .collect();
        let order = topological(nodes, |node| effect[node]);
        let mut place = vec![0; nodes.len()];
        let mut children = vec![0_usize; nodes.len()];
        for (at, &node) in order.iter().enumerate() {
            place[node] = at;
            for &parent in &nodes[node].parents {
                children[parent] += 1;
            }
        }
        let mut segment = vec![0; nodes.len()];
        let mut segments: Vec<Segment> = Vec::new();
        for (at, &node) in order.iter().enumerate() {
            let parents = &nodes[node].parents;
            segment[node] = match parents[..] {
                [parent] if children[parent] == 1 => segment[parent],
                _ => {
                    segments
                        .push(Segment { parents: parents.iter().map(|&parent| segment[parent]).collect(), end: at });
                    segments.len() - 1
                }
            };
            segments[segment[node]].end = at;
        }
        Graph { nodes, effect, order, place, segment, segments }
    }

    /// Nodes, ancestors first.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// When each node takes effect by itself.
    pub(super) fn effect(&self, node: usize) -> i64 {
        self.effect[node]
    }

    /// Whether `old` is `new` or an ancestor of it.
    fn reaches(&self, old: usize, new: usize) -> bool {
        if self.place[old] > self.place[new] {
            return false;
        }
        let target = self.segment[old];
        let mut todo = vec![self.segment[new]];
        let mut seen = BTreeSet::new();
        while let Some(segment) = todo.pop() {
            if segment == target {
                return true;
            }
            for &parent in &self.segments[segment].parents {
                // A segment that ended before `old` began cannot lead to it.
                if self.segments[parent].end >= self.place[old] && seen.insert(parent) {
                    todo.push(parent);
                }
            }
        }
        false
    }

    /// The nodes below each of two parents that are not below the other.
    fn sides(&self, first: usize, second: usize) -> [Vec<usize>; 2] {
        let mut flags: HashMap<usize, u8> = HashMap::new();
        let mut heap = BinaryHeap::new();
        let mut one_sided = 0_usize;
        for (parent, flag) in [(first, 1), (second, 2)] {
            let place = self.place[parent];
            let known = flags.entry(place).or_insert(0);
            if *known == 0 {
                heap.push(place);
            }
            *known |= flag;
        }
        if flags.len() == 2 {
            one_sided = 2;
        }
        let mut sides = [Vec::new(), Vec::new()];
        while one_sided > 0 {
            let Some(place) = heap.pop() else { break };
            let flag = flags.remove(&place).unwrap_or_default();
            let node = self.order[place];
            if flag != 3 {
                one_sided -= 1;
                sides[usize::from(flag) - 1].push(node);
            }
            for &parent in &self.nodes[node].parents {
                let place = self.place[parent];
                match flags.get_mut(&place) {
                    None => {
                        flags.insert(place, flag);
                        heap.push(place);
                        one_sided += usize::from(flag != 3);
                    }
                    Some(known) => {
                        one_sided -= usize::from(*known != 3 && *known | flag == 3);
                        *known |= flag;
                    }
                }
            }
        }
        sides
    }
}

/// One version of a path while the history is gone through.
#[derive(Clone, Copy)]
struct Version {
    node: usize,
    effective: i64,
    new: Option<ObjectId>,
}

/// The changes of each node, by node.
pub(super) fn changes(graph: &Graph<'_>) -> Vec<Vec<Change>> {
    let mut versions: HashMap<&str, Vec<Version>> = HashMap::new();
    let mut touched: Vec<Vec<&str>> = vec![Vec::new(); graph.nodes.len()];
    let mut changes: Vec<Vec<Change>> = vec![Vec::new(); graph.nodes.len()];
    for &node in graph.order() {
        let deltas = match graph.nodes[node].kind {
            Kind::Pull => pull_deltas(graph, node, &touched, &versions),
            Kind::Ordinary | Kind::Landing => {
                let own = graph.nodes[node].deltas.first().map(Vec::as_slice);
                own.unwrap_or_default().iter().map(|delta| (delta.path.as_str(), delta.old, delta.new)).collect()
            }
        };
        for (path, old, new) in deltas {
            let known = versions.entry(path).or_default();
            let effective = graph.nodes[node]
                .parents
                .iter()
                .filter_map(|&parent| last_below(graph, known, parent))
                .map(|version| version.effective)
                .fold(graph.effect(node), i64::max);
            known.push(Version { node, effective, new });
            touched[node].push(path);
            changes[node].push(Change { path: path.to_owned(), old, new, effective });
        }
    }
    settle_pulls(graph, &mut versions, &mut changes);
    changes
}

/// The last version at or below `node`.
///
/// Where two lines met, a version of the meeting stands above both, so the last one below is never before another.
fn last_below(graph: &Graph<'_>, versions: &[Version], node: usize) -> Option<Version> {
    versions.iter().rev().find(|version| graph.reaches(version.node, node)).copied()
}

/// What a pull itself decides: paths changed on both lines, and paths that are now as neither line left them.
///
/// A path that differs from one side only is as the other side left it. That is the merge's doing only if the side that
/// lost had changed it too; else the other side's own commits say it all.
fn pull_deltas<'a>(
    graph: &Graph<'a>,
    node: usize,
    touched: &[Vec<&'a str>],
    versions: &HashMap<&'a str, Vec<Version>>,
) -> Vec<(&'a str, Option<ObjectId>, Option<ObjectId>)> {
    let merge = &graph.nodes[node];
    let ([first, second], [to_first, to_second]) = (&merge.parents[..], &merge.deltas[..]) else {
        return Vec::new();
    };
    let [touched_first, touched_second] = graph.sides(*first, *second).map(|side| {
        let paths = side.iter().flat_map(|&node| &touched[node]).copied();
        paths.collect::<BTreeSet<&str>>()
    });
    let [paths_first, paths_second] = [to_first, to_second].map(|deltas| {
        let paths = deltas.iter().map(|delta| delta.path.as_str());
        paths.collect::<BTreeSet<&str>>()
    });
    let mut decided: BTreeMap<&str, Option<ObjectId>> = BTreeMap::new();
    for (deltas, lost, differs) in
        [(to_first, &touched_first, &paths_second), (to_second, &touched_second, &paths_first)]
    {
        let own = deltas.iter().map(|delta| (delta.path.as_str(), delta.new));
        decided.extend(own.filter(|(path, _)| lost.contains(path) || differs.contains(path)));
    }
    // Changed alike on both sides: a version all the same, so that nothing later falls between the two.
    for &path in touched_first.intersection(&touched_second) {
        let alike = versions.get(path).and_then(|known| last_below(graph, known, *first));
        if let Some(version) = alike {
            decided.entry(path).or_insert(version.new);
        }
    }
    decided.into_iter().map(|(path, new)| (path, None, new)).collect()
}

/// Says what the versions of pulls replaced, and leaves out those that replaced nothing.
fn settle_pulls(graph: &Graph<'_>, versions: &mut HashMap<&str, Vec<Version>>, changes: &mut [Vec<Change>]) {
    for (path, known) in versions {
        if known.iter().all(|version| graph.nodes[version.node].kind != Kind::Pull) {
            continue;
        }
        // Stable: at one moment ancestors stay first.
        known.sort_by_key(|version| version.effective);
        let mut before = None;
        for version in known.iter() {
            if graph.nodes[version.node].kind == Kind::Pull {
                if version.new == before {
                    changes[version.node].retain(|change| change.path != *path);
                }
                for change in &mut changes[version.node] {
                    if change.path == *path {
                        change.old = before;
                    }
                }
            }
            before = version.new;
        }
    }
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
