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
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use gix::ObjectId;

use super::follow::Hold;
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

/// Commits as the clocks and the order want them; what they change does not matter there.
pub(super) trait Commits {
    /// How many there are.
    fn count(&self) -> usize;
    /// The name of one.
    fn id(&self, node: usize) -> &ObjectId;
    /// Its parents among these.
    fn parents(&self, node: usize) -> impl Iterator<Item = usize>;
    /// Its committer date as written.
    fn committer(&self, node: usize) -> i64;
}

impl Commits for [Node] {
    fn count(&self) -> usize {
        self.len()
    }

    fn id(&self, node: usize) -> &ObjectId {
        &self[node].id
    }

    fn parents(&self, node: usize) -> impl Iterator<Item = usize> {
        self[node].parents.iter().copied()
    }

    fn committer(&self, node: usize) -> i64 {
        self[node].committer
    }
}

/// Committer dates after the cut.
pub(super) struct Clocks {
    /// The dates by node.
    pub(super) recorded: Vec<i64>,
    /// What was cut, oldest first.
    pub(super) findings: Vec<ClockFinding>,
    /// By node, whether the longest rising run of the dates up to this one ends in it.
    pub(super) ends_run: Vec<bool>,
}

/// Committer dates by node after the cut, and what was cut; see [`clocks`].
pub(super) fn recorded(nodes: &[Node]) -> (Vec<i64>, Vec<ClockFinding>) {
    let clocks = clocks(nodes);
    (clocks.recorded, clocks.findings)
}

/// Committer dates after the cut.
///
/// A date more than a day after a descendant's becomes the descendant's, so a clock that was years ahead pins nothing.
/// A descendant whose own clock was behind must not drag all of history back with it: a date that most of the history
/// before contradicts, and to which the history after does not keep, cuts nothing.
pub(super) fn clocks<C: Commits + ?Sized>(commits: &C) -> Clocks {
    let order = topological(commits, |node| commits.committer(node));
    let run = Run::of(order.iter().map(|&node| commits.committer(node)).collect());
    let mut earliest_after = vec![i64::MAX; order.len()];
    let mut recorded: Vec<i64> = (0..order.len()).map(|node| commits.committer(node)).collect();
    let mut findings = Vec::new();
    for (place, &node) in order.iter().enumerate().rev() {
        let limit = earliest_after[node];
        if recorded[node] > limit.saturating_add(TOLERANCE_SECS) {
            findings.push(ClockFinding { commit: *commits.id(node), recorded: recorded[node], cut_to: limit });
            recorded[node] = limit;
        }
        let own = if run.behind[place] { limit } else { limit.min(recorded[node]) };
        for parent in commits.parents(node) {
            earliest_after[parent] = earliest_after[parent].min(own);
        }
    }
    findings.reverse();
    let mut ends_run = vec![false; order.len()];
    for (&node, ends) in order.iter().zip(run.ends) {
        ends_run[node] = ends;
    }
    Clocks { recorded, findings, ends_run }
}

/// The longest rising run of dates, oldest commit first, is taken as true.
struct Run {
    /// Which dates come from a clock that was behind: off the run, which was already more than a day further before the
    /// date and goes on after it.
    behind: Vec<bool>,
    /// Whether the longest run of the dates so far ended in this one when it was the last.
    ends: Vec<bool>,
}

impl Run {
    fn of(dates: Vec<i64>) -> Run {
        let mut tails: Vec<usize> = Vec::new();
        let mut previous = vec![usize::MAX; dates.len()];
        let mut ends = vec![false; dates.len()];
        for (place, &date) in dates.iter().enumerate() {
            let length = match tails.last() {
                Some(&last) if dates[last] <= date => tails.len(),
                _ => tails.partition_point(|&tail| dates[tail] <= date),
            };
            if length > 0 {
                previous[place] = tails[length - 1];
            }
            match tails.get_mut(length) {
                Some(tail) => *tail = place,
                None => tails.push(place),
            }
            ends[place] = length + 1 == tails.len();
        }
        let mut behind = vec![false; dates.len()];
        let mut upper = tails.last().copied().unwrap_or(usize::MAX);
        while let Some(&lower) = previous.get(upper).filter(|&&lower| lower != usize::MAX) {
            for place in lower + 1..upper {
                behind[place] = dates[place] < dates[lower].saturating_sub(TOLERANCE_SECS);
            }
            upper = lower;
        }
        Run { behind, ends }
    }
}

/// Ancestors first; among those that could come next the smallest `date`, then the smallest id.
pub(super) fn topological<C: Commits + ?Sized>(commits: &C, date: impl Fn(usize) -> i64) -> Vec<usize> {
    let count = commits.count();
    let mut waiting = vec![0_u32; count];
    // The children of node n stand in `children` from `start[n]` on.
    let mut start = vec![0_u32; count + 1];
    for (node, waiting) in waiting.iter_mut().enumerate() {
        for parent in commits.parents(node) {
            *waiting += 1;
            start[parent + 1] += 1;
        }
    }
    for node in 0..count {
        start[node + 1] += start[node];
    }
    let mut children = vec![0_u32; start[count] as usize];
    let mut filled = start.clone();
    for node in 0..count {
        for parent in commits.parents(node) {
            children[filled[parent] as usize] = node as u32;
            filled[parent] += 1;
        }
    }
    drop(filled);
    let mut ready: BinaryHeap<_> = (0..count)
        .filter(|&node| waiting[node] == 0)
        .map(|node| Reverse((date(node), commits.id(node), node)))
        .collect();
    let mut order = Vec::with_capacity(count);
    while let Some(Reverse((_, _, node))) = ready.pop() {
        order.push(node);
        for &child in &children[start[node] as usize..start[node + 1] as usize] {
            let child = child as usize;
            waiting[child] -= 1;
            if waiting[child] == 0 {
                ready.push(Reverse((date(child), commits.id(child), child)));
            }
        }
    }
    order
}

/// When a commit with an author date and a committer date after the cut takes effect by itself.
pub(super) fn effect_of(kind: Kind, author: i64, recorded: i64) -> i64 {
    match kind {
        Kind::Ordinary => author.min(recorded),
        Kind::Landing | Kind::Pull => recorded,
    }
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
        let effect: Vec<i64> =
            nodes.iter().zip(recorded).map(|(node, &recorded)| effect_of(node.kind, node.author, recorded)).collect();
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

/// What a node does to the versions of paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Effects {
    pub(super) changes: Vec<Change>,
    /// Versions of a pull that changed nothing, but that no later version comes before.
    pub(super) holds: Vec<Hold>,
}

/// The changes of each node, by node.
pub(super) fn changes(graph: &Graph<'_>) -> Vec<Vec<Change>> {
    let Ok(effects) = changes_above::<std::convert::Infallible>(graph, None, &mut |_| Ok(None));
    effects.into_iter().map(|effects| effects.changes).collect()
}

/// The changes of each node, by node, above `base`, a node that stands for itself and all it builds on.
///
/// `below` tells when the last version of a path at or below `base` takes effect.
pub(super) fn changes_above<E>(
    graph: &Graph<'_>,
    base: Option<usize>,
    below: &mut dyn FnMut(&str) -> Result<Option<i64>, E>,
) -> Result<Vec<Effects>, E> {
    let mut versions: HashMap<&str, Vec<Version>> = HashMap::new();
    let mut touched: Vec<Vec<&str>> = vec![Vec::new(); graph.nodes.len()];
    let mut effects: Vec<Effects> = vec![Effects::default(); graph.nodes.len()];
    for &node in graph.order() {
        let deltas = match graph.nodes[node].kind {
            Kind::Pull => pull_deltas(graph, node, &touched, &versions),
            Kind::Ordinary | Kind::Landing => {
                let own = graph.nodes[node].deltas.first().map(Vec::as_slice);
                own.unwrap_or_default().iter().map(|delta| (delta.path.as_str(), delta.old, delta.new)).collect()
            }
        };
        for (path, old, new) in deltas {
            let known = match versions.entry(path) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(none) => {
                    let before = match base {
                        None => None,
                        Some(node) => below(path)?.map(|effective| Version { node, effective, new: old }),
                    };
                    none.insert(before.into_iter().collect())
                }
            };
            let effective = graph.nodes[node]
                .parents
                .iter()
                .filter_map(|&parent| last_below(graph, known, parent))
                .map(|version| version.effective)
                .fold(graph.effect(node), i64::max);
            known.push(Version { node, effective, new });
            touched[node].push(path);
            effects[node].changes.push(Change { path: path.to_owned(), old, new, effective });
        }
    }
    settle_pulls(graph, &mut versions, &mut effects);
    Ok(effects)
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
    // What it replaces is settled at the end; before then it matters only if nothing above the base changed the path, and
    // then both parents have what stood there.
    let before: HashMap<&str, Option<ObjectId>> =
        to_first.iter().map(|delta| (delta.path.as_str(), delta.old)).collect();
    decided.into_iter().map(|(path, new)| (path, before.get(path).copied().flatten(), new)).collect()
}

/// Says what the versions of pulls replaced, and leaves out those that replaced nothing.
fn settle_pulls(graph: &Graph<'_>, versions: &mut HashMap<&str, Vec<Version>>, effects: &mut [Effects]) {
    for (path, known) in versions {
        if known.iter().all(|version| graph.nodes[version.node].kind != Kind::Pull) {
            continue;
        }
        // Stable: at one moment ancestors stay first.
        known.sort_by_key(|version| version.effective);
        let mut before = None;
        for version in known.iter() {
            if graph.nodes[version.node].kind == Kind::Pull {
                let of_pull = &mut effects[version.node];
                if version.new == before {
                    of_pull.changes.retain(|change| change.path != *path);
                    of_pull.holds.push(Hold { path: (*path).to_owned(), effective: version.effective });
                }
                for change in &mut of_pull.changes {
                    if change.path == *path {
                        change.old = before;
                    }
                }
            }
            before = version.new;
        }
    }
    for of_node in effects {
        of_node.holds.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

#[cfg(test)]
#[path = "graph_tests.rs"]
pub(super) mod tests;
