#![allow(clippy::unwrap_used)]

use super::super::{Line, Position, fold_at, versions};
use super::*;

pub(in super::super) const DAY: i64 = 86_400;
/// 1 January 2099.
pub(in super::super) const FAR: i64 = 4_070_908_800;
/// 1 January 2026.
pub(in super::super) const NOW: i64 = 1_767_225_600;

pub(in super::super) type Tree = BTreeMap<String, ObjectId>;

fn id(number: usize) -> ObjectId {
    let mut bytes = [0; 20];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    ObjectId::from(bytes)
}

fn blob(text: &str) -> ObjectId {
    gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, text.as_bytes()).unwrap()
}

/// A history made by hand, with the tree of each commit.
#[derive(Default)]
pub(in super::super) struct History {
    pub(in super::super) nodes: Vec<Node>,
    pub(in super::super) trees: Vec<Tree>,
    /// Which edits of a path a commit holds.
    edits: Vec<BTreeMap<String, BTreeSet<usize>>>,
    next_id: usize,
}

impl History {
    pub(in super::super) fn add(
        &mut self,
        kind: Kind,
        parents: &[usize],
        author: i64,
        committer: i64,
        tree: Tree,
    ) -> usize {
        let compared: Vec<Tree> = match parents {
            [] => vec![Tree::new()],
            _ => parents.iter().map(|&parent| self.trees[parent].clone()).collect(),
        };
        let deltas = compared.iter().map(|old| {
            let paths: BTreeSet<&String> = old.keys().chain(tree.keys()).collect();
            let delta =
                |path: &String| Delta { path: path.clone(), old: old.get(path).copied(), new: tree.get(path).copied() };
            paths.into_iter().map(delta).filter(|delta| delta.old != delta.new).collect()
        });
        self.next_id += 2;
        self.nodes.push(Node {
            id: id(self.next_id),
            parents: parents.to_vec(),
            author,
            committer,
            kind,
            deltas: deltas.collect(),
        });
        self.trees.push(tree);
        self.edits.push(BTreeMap::new());
        self.nodes.len() - 1
    }

    /// An ordinary commit with both dates.
    pub(in super::super) fn dated(
        &mut self,
        parents: &[usize],
        author: i64,
        committer: i64,
        edits: &[(&str, &str)],
    ) -> usize {
        let mut tree = parents.first().map(|&parent| self.trees[parent].clone()).unwrap_or_default();
        let mut seen = parents.first().map(|&parent| self.edits[parent].clone()).unwrap_or_default();
        for (path, text) in edits {
            match *text {
                "" => tree.remove(*path),
                text => tree.insert((*path).to_owned(), blob(text)),
            };
            seen.entry((*path).to_owned()).or_default().insert(self.nodes.len());
        }
        let node = self.add(Kind::Ordinary, parents, author, committer, tree);
        self.edits[node] = seen;
        node
    }

    pub(in super::super) fn commit(&mut self, parents: &[usize], time: i64, edits: &[(&str, &str)]) -> usize {
        self.dated(parents, time, time, edits)
    }

    /// A pull: each path as the side that knows more edits has it, with a text of its own where both know something.
    pub(in super::super) fn pull(&mut self, first: usize, second: usize, time: i64) -> usize {
        let number = self.nodes.len();
        let mut tree = Tree::new();
        let mut seen = BTreeMap::new();
        let paths: BTreeSet<String> = self.edits[first].keys().chain(self.edits[second].keys()).cloned().collect();
        let none = BTreeSet::new();
        for path in paths {
            let a = self.edits[first].get(&path).unwrap_or(&none);
            let b = self.edits[second].get(&path).unwrap_or(&none);
            let mut both: BTreeSet<usize> = a | b;
            let [ours, theirs] = [first, second].map(|side| self.trees[side].get(&path).copied());
            let content = if a.is_superset(b) || ours == theirs {
                ours
            } else if b.is_superset(a) {
                theirs
            } else {
                both.insert(number);
                Some(blob(&format!("{both:?}")))
            };
            if let Some(content) = content {
                tree.insert(path.clone(), content);
            }
            seen.insert(path, both);
        }
        let node = self.add(Kind::Pull, &[first, second], time, time, tree);
        self.edits[node] = seen;
        node
    }

    /// A merge that lands what `tree` adds.
    pub(in super::super) fn landing(&mut self, parent: usize, author: i64, time: i64, edits: &[(&str, &str)]) -> usize {
        let node = self.dated(&[parent], author, time, edits);
        self.nodes[node].kind = Kind::Landing;
        node
    }

    /// The timeline that ends in `head`.
    fn line_of(&self, head: usize) -> Line {
        let mut reached = BTreeSet::new();
        let mut todo = vec![head];
        while let Some(node) = todo.pop() {
            if reached.insert(node) {
                todo.extend(&self.nodes[node].parents);
            }
        }
        let places: BTreeMap<usize, usize> = reached.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let nodes = reached.iter().map(|&node| {
            let mut node = self.nodes[node].clone();
            for parent in &mut node.parents {
                *parent = places[parent];
            }
            node
        });
        let kept = History { nodes: nodes.collect(), ..History::default() };
        kept.line()
    }

    /// The timeline that ends in the last commit.
    fn line(&self) -> Line {
        let (recorded, clock_findings) = recorded(&self.nodes);
        let graph = Graph::new(&self.nodes, &recorded);
        let mut changes = changes(&graph);
        let positions = graph.order().iter().map(|&node| Position {
            commit: self.nodes[node].id,
            effective: graph.effect(node),
            recorded: recorded[node],
            author_time: self.nodes[node].author,
            changes: std::mem::take(&mut changes[node]),
        });
        Line { positions: positions.collect(), clock_findings, ..Line::default() }
    }
}

fn fold(line: &Line, at: i64) -> String {
    let texts = ["1", "2", "3", "4", "x", "y"];
    let named = |id: ObjectId| texts.into_iter().find(|text| blob(text) == id).unwrap_or("?");
    let files = fold_at(line, at);
    let files: Vec<String> = files.into_iter().map(|(path, id)| format!("{path}={}", named(id))).collect();
    files.join(" ")
}

#[test]
fn a_back_dated_commit_counts_from_its_author_date() {
    let mut h = History::default();
    let root = h.commit(&[], 100, &[("a", "1")]);
    let late = h.dated(&[root], 150, 500, &[("b", "1")]);
    h.commit(&[late], 600, &[("b", "2")]);
    let line = h.line();
    assert_eq!(fold(&line, 149), "a=1");
    assert_eq!(fold(&line, 150), "a=1 b=1");
    assert_eq!(fold(&line, 600), "a=1 b=2");
    assert_eq!(line.positions[1].recorded, 500);
}

#[test]
fn a_version_never_counts_before_the_one_it_replaces() {
    let mut h = History::default();
    let root = h.commit(&[], 100, &[("a", "1"), ("b", "1")]);
    let next = h.commit(&[root], 400, &[("a", "2")]);
    h.dated(&[next], 200, 500, &[("a", "3"), ("b", "2")]);
    let line = h.line();
    assert_eq!(fold(&line, 200), "a=1 b=2");
    assert_eq!(fold(&line, 400), "a=3 b=2");
    let effects: Vec<i64> = versions(&line, "a").iter().map(|version| version.effective).collect();
    assert_eq!(effects, [100, 400, 400]);
}

#[test]
fn a_landing_merge_counts_when_it_was_recorded() {
    let mut h = History::default();
    let root = h.commit(&[], 100, &[("a", "1")]);
    h.landing(root, 200, 300, &[("a", "2"), ("b", "1")]);
    let line = h.line();
    assert_eq!(fold(&line, 299), "a=1");
    assert_eq!(fold(&line, 300), "a=2 b=1");
}

#[test]
fn a_clock_years_ahead_is_cut_to_the_next_commit_and_reported() {
    let mut h = History::default();
    let root = h.commit(&[], NOW, &[("a", "1"), ("b", "1")]);
    let wrong = h.commit(&[root], FAR, &[("a", "2")]);
    let head_is_wrong = h.line();
    assert_eq!(fold(&head_is_wrong, NOW + DAY), "a=1 b=1");
    assert!(head_is_wrong.clock_findings.is_empty());

    let next = h.commit(&[wrong], NOW + 10, &[("b", "2")]);
    h.commit(&[next], NOW + 5 * DAY, &[("b", "3")]);
    let line = h.line();
    assert_eq!(fold(&line, NOW + 9), "a=1 b=1");
    assert_eq!(fold(&line, NOW + 10), "a=2 b=2");
    let finding = ClockFinding { commit: h.nodes[wrong].id, recorded: FAR, cut_to: NOW + 10 };
    assert_eq!(line.clock_findings, [finding]);
}

#[test]
fn a_long_stretch_of_a_clock_ahead_is_cut_by_one_sane_commit() {
    let mut h = History::default();
    let mut last = h.commit(&[], NOW, &[("a", "1")]);
    for n in 0..20 {
        last = h.commit(&[last], FAR + n * DAY, &[("a", "2")]);
    }
    h.commit(&[last], NOW + 50, &[("a", "3")]);
    let line = h.line();
    assert_eq!(line.clock_findings.len(), 20);
    assert_eq!(fold(&line, NOW + 50), "a=3");
}

#[test]
fn clocks_that_disagree_by_less_than_a_day_are_left_alone() {
    let mut h = History::default();
    let root = h.commit(&[], NOW + DAY, &[("a", "1")]);
    h.commit(&[root], NOW, &[("a", "2")]);
    let line = h.line();
    assert!(line.clock_findings.is_empty());
    assert_eq!(fold(&line, NOW), "");
    assert_eq!(fold(&line, NOW + DAY), "a=2");
}

#[test]
fn a_clock_years_behind_in_the_middle_does_not_drag_history_back() {
    let mut h = History::default();
    let mut last = h.commit(&[], NOW, &[("a", "1")]);
    last = h.commit(&[last], NOW + 5 * DAY, &[("c", "1")]);
    last = h.commit(&[last], NOW + 10 * DAY, &[("a", "2")]);
    last = h.commit(&[last], 1000, &[("a", "3")]);
    last = h.commit(&[last], 1001, &[("b", "1")]);
    h.commit(&[last], NOW + 20 * DAY, &[("a", "4")]);
    let line = h.line();
    assert!(line.clock_findings.is_empty());
    assert_eq!(fold(&line, NOW), "a=1 b=1");
    assert_eq!(fold(&line, NOW + 10 * DAY), "a=3 b=1 c=1");
    assert_eq!(fold(&line, NOW + 20 * DAY), "a=4 b=1 c=1");
}

/// A pull of one commit on each side, with the parents in the order asked for.
fn pulled(ours_first: bool, ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> Line {
    let mut h = History::default();
    let base = h.commit(&[], 100, &[("a", "1"), ("b", "1")]);
    let ours = h.commit(&[base], 300, ours);
    let theirs = h.commit(&[base], 200, theirs);
    let (first, second) = if ours_first { (ours, theirs) } else { (theirs, ours) };
    h.pull(first, second, 400);
    h.line()
}

#[test]
fn a_pull_lands_nothing_whichever_parent_came_first() {
    for ours_first in [true, false] {
        let line = pulled(ours_first, &[("a", "2")], &[("b", "2")]);
        assert_eq!(fold(&line, 199), "a=1 b=1");
        assert_eq!(fold(&line, 200), "a=1 b=2");
        assert_eq!(fold(&line, 300), "a=2 b=2");
        assert!(line.positions[3].changes.is_empty());
    }
}

#[test]
fn a_file_changed_on_both_lines_takes_the_version_of_the_merge_last() {
    for ours_first in [true, false] {
        let line = pulled(ours_first, &[("a", "2")], &[("a", "3")]);
        assert_eq!(fold(&line, 200), "a=3 b=1");
        assert_eq!(fold(&line, 300), "a=2 b=1");
        assert_eq!(fold(&line, 400), "a=? b=1");
        assert_eq!(line.positions[3].changes[0].old, Some(blob("2")));
    }
}

#[test]
fn a_merge_that_keeps_the_earlier_of_two_versions_brings_it_back() {
    let mut h = History::default();
    let base = h.commit(&[], 100, &[("a", "1")]);
    let ours = h.commit(&[base], 300, &[("a", "2")]);
    let theirs = h.commit(&[base], 200, &[("a", "3")]);
    let tree = h.trees[theirs].clone();
    h.add(Kind::Pull, &[ours, theirs], 400, 400, tree);
    let line = h.line();
    assert_eq!(fold(&line, 300), "a=2");
    assert_eq!(fold(&line, 400), "a=3");
}

#[test]
fn a_merge_that_drops_a_change_of_one_line_says_so() {
    let mut h = History::default();
    let base = h.commit(&[], 100, &[("a", "1")]);
    let ours = h.commit(&[base], 300, &[("a", "2")]);
    let theirs = h.commit(&[base], 200, &[("b", "1")]);
    let tree = h.trees[theirs].clone();
    h.add(Kind::Pull, &[ours, theirs], 400, 400, tree);
    let line = h.line();
    assert_eq!(fold(&line, 300), "a=2 b=1");
    assert_eq!(fold(&line, 400), "a=1 b=1");
}

#[test]
fn a_change_made_alike_on_both_lines_is_not_made_again_by_the_merge() {
    for ours_first in [true, false] {
        let line = pulled(ours_first, &[("a", "2")], &[("a", "2")]);
        assert_eq!(fold(&line, 200), "a=2 b=1");
        assert!(line.positions[3].changes.is_empty());
    }
}

#[test]
fn a_pull_within_a_pull_keeps_all_dates() {
    let mut h = History::default();
    let base = h.commit(&[], 100, &[("a", "1")]);
    let far = h.commit(&[base], 200, &[("b", "1")]);
    let near = h.commit(&[base], 250, &[("c", "1")]);
    let inner = h.pull(near, far, 300);
    let other = h.commit(&[far], 275, &[("d", "1")]);
    let outer = h.pull(other, inner, 400);
    h.commit(&[outer], 500, &[("d", "2")]);
    let line = h.line();
    assert_eq!(fold(&line, 200), "a=1 b=1");
    assert_eq!(fold(&line, 250), "a=1 b=1 c=1");
    assert_eq!(fold(&line, 275), "a=1 b=1 c=1 d=1");
    assert_eq!(fold(&line, 500), "a=1 b=1 c=1 d=2");
    assert!(line.positions.iter().all(|p| p.changes.len() <= 1));
}

#[test]
fn a_file_deleted_on_one_line_is_gone_from_then_on() {
    for ours_first in [true, false] {
        let line = pulled(ours_first, &[("a", "")], &[("b", "2")]);
        assert_eq!(fold(&line, 299), "a=1 b=2");
        assert_eq!(fold(&line, 300), "b=2");
    }
}

/// Numbers that look random and are the same each time.
pub(in super::super) struct Dice(pub(in super::super) u64);

impl Dice {
    pub(in super::super) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Three clones that commit and pull from each other; `swap` turns the parents of every second pull.
fn clones(seed: u64, swap: bool) -> History {
    let mut dice = Dice(seed);
    let mut h = History::default();
    let root = h.commit(&[], NOW, &[("p0", "1"), ("p1", "1"), ("p2", "1")]);
    let mut tips = [root; 3];
    let mut clock = NOW;
    for step in 0..40 {
        clock += dice.roll(7200) as i64;
        let who = dice.roll(3) as usize;
        if dice.roll(3) == 0 || step > 36 {
            let from = (who + 1 + dice.roll(2) as usize) % 3;
            let turned = dice.roll(2) == 0 && swap;
            if h.edits[tips[from]].is_empty() || tips[from] == tips[who] {
                continue;
            }
            let (first, second) = if turned { (tips[from], tips[who]) } else { (tips[who], tips[from]) };
            tips[who] = h.pull(first, second, clock);
            if turned {
                // Another order of parents is another commit.
                h.nodes[tips[who]].id = id(h.next_id + 1);
            }
        } else {
            // Mostly a path of one's own, sometimes one of another's.
            let path = if dice.roll(5) == 0 { format!("p{}", dice.roll(3)) } else { format!("own{who}") };
            let author = clock - if dice.roll(4) == 0 { dice.roll(40_000) as i64 } else { 0 };
            let skew = dice.roll(3000) as i64;
            tips[who] = h.dated(&[tips[who]], author, clock + skew, &[(&path, &format!("{step}"))]);
        }
    }
    let first = h.pull(tips[0], tips[1], clock + 10_000);
    let last = h.pull(first, tips[2], clock + 20_000);
    h.commit(&[last], clock + 30_000, &[("end", "1")]);
    h
}

#[test]
fn random_pulls_in_both_directions_answer_alike() {
    for seed in 0..300 {
        let (plain, turned) = (clones(seed, false), clones(seed, true));
        let (line, other) = (plain.line(), turned.line());
        assert_eq!(&fold_at(&line, i64::MAX), plain.trees.last().unwrap(), "seed {seed}");
        assert_eq!(&fold_at(&other, i64::MAX), turned.trees.last().unwrap(), "seed {seed}");
        let times: BTreeSet<i64> = line.positions.iter().map(|position| position.effective).collect();
        for &time in &times {
            let (a, b) = (fold_at(&line, time), fold_at(&other, time));
            for path in ["own0", "own1", "own2"] {
                assert_eq!(a.get(path), b.get(path), "seed {seed} {path} {time}");
                assert_eq!(a.get(path).copied(), chain(&plain, path, time), "seed {seed} {path} {time}");
            }
        }
        for path in ["own0", "p0", "p1"] {
            let merged = versions(&line, path);
            assert!(merged.windows(2).all(|pair| pair[0].effective <= pair[1].effective));
        }
    }
}

#[test]
fn the_last_versions_are_the_tree_of_the_head_when_branches_land_among_pulls() {
    for seed in 0..300 {
        let mut dice = Dice(seed);
        let mut h = History::default();
        let mut tips = [h.commit(&[], NOW, &[("p0", "1")]); 3];
        let mut clock = NOW;
        for step in 0..60 {
            clock += dice.roll(7200) as i64;
            let who = dice.roll(3) as usize;
            let from = (who + 1 + dice.roll(2) as usize) % 3;
            match dice.roll(4) {
                0 if tips[from] != tips[who] => tips[who] = h.pull(tips[who], tips[from], clock),
                1 if tips[from] != tips[who] => {
                    // The same merge, but of a branch: what it brings may be on the timeline by another way as well.
                    let landed = h.pull(tips[who], tips[from], clock);
                    h.nodes[landed].kind = Kind::Landing;
                    h.nodes[landed].parents.truncate(1);
                    h.nodes[landed].deltas.truncate(1);
                    tips[who] = landed;
                }
                _ => {
                    let author = clock - dice.roll(40_000) as i64;
                    let skew = if dice.roll(10) == 0 { FAR - clock } else { dice.roll(3000) as i64 };
                    let text = if dice.roll(6) == 0 { String::new() } else { step.to_string() };
                    let path = format!("p{}", dice.roll(4));
                    tips[who] = h.dated(&[tips[who]], author, clock + skew, &[(&path, &text)]);
                }
            }
        }
        let first = h.pull(tips[0], tips[1], clock + 10_000);
        let last = h.pull(tips[2], first, clock + 20_000);
        // Commits that only a landed branch has are not on the timeline.
        let line = h.line_of(last);
        assert_eq!(fold_at(&line, i64::MAX), h.trees[last], "seed {seed}");
        assert_eq!(fold_at(&line, clock + 20_000), h.trees[last], "seed {seed}: nothing is in effect after the head");
    }
}

/// What the rule says of a file that only one clone edits: its commits form a chain, each not before the last.
fn chain(h: &History, path: &str, at: i64) -> Option<ObjectId> {
    let mut effective = i64::MIN;
    let mut content = None;
    for (node, tree) in h.nodes.iter().zip(&h.trees) {
        let edited = node.kind == Kind::Ordinary && node.deltas[0].iter().any(|delta| delta.path == path);
        if edited {
            effective = effective.max(node.author.min(node.committer));
            if effective <= at {
                content = tree.get(path).copied();
            }
        }
    }
    content
}
