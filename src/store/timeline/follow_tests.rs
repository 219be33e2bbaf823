#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use super::super::graph::tests::{DAY, Dice, FAR, History, NOW, Tree};
use super::super::graph::{Graph, Kind, Node};
use super::super::{Line, Position};
use super::*;

/// An index in memory.
#[derive(Default)]
struct Memory {
    standing: Option<Standing>,
    entries: Vec<Entry>,
    places: BTreeMap<ObjectId, usize>,
    asked: usize,
}

impl Memory {
    fn held(&self) -> impl DoubleEndedIterator<Item = Remembered> {
        self.entries.iter().map(|entry| entry.remembered)
    }

    fn between(&self, after: i64, to: i64) -> impl Iterator<Item = Remembered> {
        self.held().filter(move |held| held.position > after && held.position <= to)
    }
}

impl Keeper for Memory {
    type Error = Infallible;

    fn standing(&mut self) -> Result<Option<Standing>, Infallible> {
        Ok(self.standing)
    }

    fn find(&mut self, commit: ObjectId) -> Result<Option<Remembered>, Infallible> {
        self.asked += 1;
        Ok(self.places.get(&commit).map(|&place| self.entries[place].remembered))
    }

    fn joint_at_or_before(&mut self, position: i64) -> Result<Option<Remembered>, Infallible> {
        self.asked += 1;
        Ok(self.held().rev().find(|held| held.joint && held.position <= position))
    }

    fn settled_at_or_before(&mut self, position: i64, committer: i64) -> Result<Option<Remembered>, Infallible> {
        self.asked += 1;
        let found = |held: &Remembered| held.settled && held.position <= position && held.committer <= committer;
        Ok(self.held().rev().find(found))
    }

    fn earliest(&mut self, after: i64, to: i64) -> Result<Option<i64>, Infallible> {
        Ok(self.between(after, to).map(|held| held.committer).min())
    }

    fn first_named(&mut self) -> Result<Option<i64>, Infallible> {
        Ok(self.held().find(|held| held.named).map(|held| held.position))
    }

    fn each(&mut self, after: i64, to: i64, each: &mut dyn FnMut(Remembered)) -> Result<(), Infallible> {
        self.between(after, to).for_each(each);
        Ok(())
    }

    fn last_effect(&mut self, path: &str) -> Result<Option<i64>, Infallible> {
        self.asked += 1;
        let of_entry = |entry: &Entry| {
            let changes = entry.changes.iter().filter(|change| change.path == path).map(|change| change.effective);
            let holds = entry.holds.iter().filter(|hold| hold.path == path).map(|hold| hold.effective);
            changes.chain(holds).max()
        };
        Ok(self.entries.iter().filter_map(of_entry).max())
    }

    fn cut(&mut self, after: i64, _coming: usize) -> Result<(), Infallible> {
        self.entries.truncate((after + 1) as usize);
        self.places.retain(|_, place| *place < self.entries.len());
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> Result<(), Infallible> {
        assert_eq!(entry.remembered.position, self.entries.len() as i64);
        assert!(self.places.insert(entry.remembered.commit, self.entries.len()).is_none());
        self.entries.push(entry);
        Ok(())
    }

    fn finish(&mut self, standing: Standing) -> Result<(), Infallible> {
        self.standing = Some(standing);
        Ok(())
    }
}

/// A repository made of a history by hand.
struct Fake {
    history: History,
    by_id: BTreeMap<ObjectId, usize>,
    /// Pulls that land a branch unless `branch` is set.
    named: BTreeSet<usize>,
    branch: bool,
    /// Where the history is cut.
    boundary: BTreeSet<usize>,
    read: usize,
    compared: usize,
}

fn diff(old: Option<&Tree>, new: &Tree) -> Vec<Delta> {
    let none = Tree::new();
    let old = old.unwrap_or(&none);
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let delta = |path: &String| Delta { path: path.clone(), old: old.get(path).copied(), new: new.get(path).copied() };
    paths.into_iter().map(delta).filter(|delta| delta.old != delta.new).collect()
}

impl Fake {
    fn new(history: History) -> Fake {
        let by_id = history.nodes.iter().enumerate().map(|(place, node)| (node.id, place)).collect();
        let (named, boundary) = (BTreeSet::new(), BTreeSet::new());
        Fake { history, by_id, named, branch: true, boundary, read: 0, compared: 0 }
    }

    /// A commit as things stand, without what it changed.
    fn node(&self, place: usize) -> Node {
        let mut node = self.history.nodes[place].clone();
        node.deltas = Vec::new();
        if node.kind == Kind::Pull && self.named.contains(&place) && !self.branch {
            node.kind = Kind::Landing;
            node.parents.truncate(1);
        }
        if self.boundary.contains(&place) {
            node.parents.clear();
            if node.kind == Kind::Pull {
                node.kind = Kind::Landing;
            }
        }
        node
    }

    /// What a full walk gives.
    fn line(&self, head: usize) -> Line {
        let mut reached = BTreeSet::new();
        let mut todo = vec![head];
        while let Some(node) = todo.pop() {
            if reached.insert(node) {
                todo.extend(self.node(node).parents);
            }
        }
        let places: BTreeMap<usize, usize> = reached.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let nodes = reached.iter().map(|&place| {
            let mut node = self.node(place);
            let tree = &self.history.trees[place];
            node.deltas = match &node.parents[..] {
                [] => vec![diff(None, tree)],
                parents => parents.iter().map(|&parent| diff(Some(&self.history.trees[parent]), tree)).collect(),
            };
            for parent in &mut node.parents {
                *parent = places[parent];
            }
            node
        });
        let nodes: Vec<Node> = nodes.collect();
        let (recorded, clock_findings) = graph::recorded(&nodes);
        let graph = Graph::new(&nodes, &recorded);
        let mut changes = graph::changes(&graph);
        let positions = graph.order().iter().map(|&node| Position {
            commit: nodes[node].id,
            effective: graph.effect(node),
            recorded: recorded[node],
            author_time: nodes[node].author,
            changes: std::mem::take(&mut changes[node]),
        });
        Line { positions: positions.collect(), clock_findings, ..Line::default() }
    }

    fn follow(&mut self, head: usize, keeper: &mut Memory) -> Followed {
        let standing = Standing {
            head: self.history.nodes[head].id,
            scope: number_of(self.boundary.iter().map(|&place| place as u8)),
            branch: u64::from(self.branch),
        };
        Follow { source: self, keeper }.run(standing).unwrap()
    }
}

impl Source for Fake {
    fn commit(&mut self, id: ObjectId) -> Result<Option<(Commit, bool)>, TimelineError> {
        self.read += 1;
        let Some(&place) = self.by_id.get(&id) else { return Ok(None) };
        let node = self.node(place);
        let commit = Commit {
            // The tree goes by the name of its commit.
            tree: id,
            followed: node.parents.iter().map(|&parent| self.history.nodes[parent].id).collect(),
            author: node.author,
            committer: node.committer,
            kind: node.kind,
            named: self.named.contains(&place),
        };
        Ok(Some((commit, self.boundary.contains(&place))))
    }

    fn differences<T>(
        &mut self,
        work: &(dyn Work + Sync),
        take: impl FnOnce(&mut dyn FnMut() -> Result<Vec<Vec<Delta>>, TimelineError>) -> T,
    ) -> T {
        self.compared += work.count();
        let tree = |id: ObjectId| &self.history.trees[self.by_id[&id]];
        let mut piece = 0;
        take(&mut || {
            let (new, olds) = work.trees(piece);
            piece += 1;
            Ok(olds.into_iter().flatten().map(|old| diff(old.map(tree), tree(new))).collect())
        })
    }
}

/// How wild a random history is.
#[derive(Clone, Copy)]
struct Wild {
    clones: usize,
    steps: u64,
    /// One step in so many is a pull; 0 for none.
    pulls: u64,
    /// One commit in so many comes from a wrong clock; 0 for none.
    clocks: u64,
}

struct Growth {
    history: History,
    dice: Dice,
    tips: Vec<usize>,
    /// By how much each clone's clock is off.
    off: Vec<i64>,
    clock: i64,
    named: BTreeSet<usize>,
}

impl Growth {
    fn new(seed: u64, wild: Wild) -> Growth {
        let mut history = History::default();
        let root = history.commit(&[], NOW, &[("p0", "1"), ("p1", "1"), ("p2", "1")]);
        let (tips, off) = (vec![root; wild.clones], vec![0; wild.clones]);
        Growth { history, dice: Dice(seed), tips, off, clock: NOW, named: BTreeSet::new() }
    }

    fn step(&mut self, wild: Wild, step: u64) {
        let Growth { history: h, dice, tips, off, clock, named } = self;
        *clock += dice.roll(7200) as i64 * if dice.roll(8) == 0 { 24 } else { 1 };
        let who = dice.roll(tips.len() as u64) as usize;
        let from = dice.roll(tips.len() as u64) as usize;
        if wild.clocks > 0 && dice.roll(wild.clocks) == 0 {
            let offs = [0, 0, FAR - NOW, 30 * DAY, DAY + 7200, 3600, -3600, -DAY - 7200, -30 * DAY, -NOW + 1000];
            off[who] = offs[dice.roll(10) as usize];
        }
        let now = *clock + off[who];
        let other = match dice.roll(6) {
            // An old commit, perhaps one that is there already.
            0 => dice.roll(h.nodes.len() as u64) as usize,
            _ => tips[from],
        };
        if wild.pulls > 0 && dice.roll(wild.pulls) == 0 && other != tips[who] {
            let (first, second) = if dice.roll(3) == 0 { (other, tips[who]) } else { (tips[who], other) };
            let merge = h.pull(first, second, now);
            match dice.roll(5) {
                0 => {
                    h.nodes[merge].kind = Kind::Landing;
                    h.nodes[merge].parents.truncate(1);
                }
                1 => {
                    // As one side left everything, whatever the other did.
                    h.trees[merge] = h.trees[second].clone();
                }
                2 => {
                    // A merge that changes something itself.
                    let path = format!("p{}", dice.roll(4));
                    h.trees[merge].remove(&path);
                }
                3 => {
                    named.insert(merge);
                }
                _ => {}
            }
            tips[who] = merge;
        } else if wild.pulls > 0 && dice.roll(60) == 0 {
            tips[who] = h.commit(&[], now, &[("p0", "other"), ("q", "1")]);
        } else if dice.roll(10) == 0 {
            tips[who] = h.landing(tips[who], now - DAY, now, &[("p1", &step.to_string())]);
        } else {
            let path = if dice.roll(3) > 0 { format!("p{}", dice.roll(4)) } else { format!("own{who}") };
            let author = now - if dice.roll(3) == 0 { dice.roll(400_000) as i64 } else { 0 };
            let text = match dice.roll(8) {
                0 => String::new(),
                // The same on two lines now and then.
                1 | 2 => "alike".to_owned(),
                _ => step.to_string(),
            };
            tips[who] = h.dated(&[tips[who]], author, now, &[(&path, &text)]);
        }
    }
}

/// Holds an index against a full walk.
fn compare(fake: &mut Fake, keeper: &Memory, head: usize, what: &str) {
    let line = fake.line(head);
    let held: Vec<Position> = keeper
        .entries
        .iter()
        .map(|entry| Position {
            commit: entry.remembered.commit,
            effective: entry.effective,
            recorded: entry.remembered.recorded,
            author_time: entry.author_time,
            changes: entry.changes.clone(),
        })
        .collect();
    assert_eq!(held, line.positions, "{what}");
    let mut cut: Vec<(ObjectId, i64, i64)> = keeper
        .held()
        .filter(|held| held.committer != held.recorded)
        .map(|held| (held.commit, held.committer, held.recorded))
        .collect();
    let findings = line.clock_findings.iter().map(|finding| (finding.commit, finding.recorded, finding.cut_to));
    let mut findings: Vec<_> = findings.collect();
    cut.sort();
    findings.sort();
    assert_eq!(cut, findings, "{what}");
    let mut fresh = Memory::default();
    fake.follow(head, &mut fresh);
    for (old, new) in keeper.entries.iter().zip(&fresh.entries) {
        let (held, fresh) = (old.remembered, new.remembered);
        // A joint may have been none when lines ran in parallel to it that are gone now.
        assert!(fresh.joint || !held.joint, "{what}");
        let settled = fresh.settled && held.joint;
        assert_eq!(held, Remembered { joint: held.joint, settled, ..fresh }, "{what}");
        if held.joint {
            assert_eq!(old.holds, new.holds, "{what}");
        }
    }
}

fn follow_at_random(seed: u64, wild: Wild) {
    let mut growth = Growth::new(seed, wild);
    for step in 0..wild.steps {
        growth.step(wild, step);
    }
    let Growth { history, mut dice, named, .. } = growth;
    let count = history.nodes.len() as u64;
    let mut fake = Fake::new(history);
    fake.named = named;
    let mut keeper = Memory::default();
    let mut at = 0;
    for round in 0..12 {
        let head = match dice.roll(4) {
            0 => dice.roll(count),
            1 => (at + dice.roll(3)).min(count - 1),
            _ => (at + 1 + dice.roll(12)).min(count - 1),
        };
        at = head;
        if dice.roll(12) == 0 {
            fake.branch = !fake.branch;
        }
        if dice.roll(30) == 0 {
            fake.boundary = std::iter::once(dice.roll(count) as usize).collect();
        }
        fake.follow(head as usize, &mut keeper);
        compare(&mut fake, &keeper, head as usize, &format!("seed {seed} round {round} head {head}"));
    }
}

#[test]
fn an_index_of_a_line_follows_it_through_resets_and_wrong_clocks() {
    for seed in 0..600 {
        follow_at_random(seed, Wild { clones: 1 + seed as usize % 2, steps: 40, pulls: 0, clocks: 1 + seed % 9 });
    }
}

#[test]
fn an_index_of_clones_that_pull_from_each_other_follows_them() {
    for seed in 0..600 {
        follow_at_random(seed, Wild { clones: 2 + seed as usize % 3, steps: 40, pulls: 2 + seed % 5, clocks: 0 });
    }
}

#[test]
fn an_index_of_clones_with_wrong_clocks_follows_them() {
    for seed in 0..600 {
        let wild = Wild { clones: 2 + seed as usize % 3, steps: 60, pulls: 2 + seed % 7, clocks: 2 + seed % 20 };
        follow_at_random(seed, wild);
    }
}

/// A repository with a long line: tickets that come and change in the folders of two months, some of them deleted.
fn long_line(commits: u64) -> crate::store::testing::Repo {
    use std::fmt::Write;
    let repo = crate::store::testing::Repo::new();
    let mut dice = Dice(7);
    let mut stream = String::new();
    for number in 0..commits {
        let time = NOW + number as i64 * 60;
        let text = format!("status = \"{number}\"\n");
        let ticket = if dice.roll(3) == 0 { number } else { dice.roll(number + 1) };
        let path = format!("tickets/2026-0{}/{:06x}.toml", 1 + ticket % 2, ticket * 7919 % 0x0100_0000);
        writeln!(stream, "commit refs/heads/main\ncommitter A <a@example.org> {time} +0000\ndata 1\nc").unwrap();
        match dice.roll(12) {
            0 => writeln!(stream, "D {path}").unwrap(),
            _ => writeln!(stream, "M 644 inline {path}\ndata {}\n{text}", text.len()).unwrap(),
        }
    }
    std::fs::write(repo.path().join("stream"), stream).unwrap();
    let shell = |command: &str| {
        let args = ["-c", &format!("alias.run=!{command}"), "run"];
        repo.git(&args, 0);
    };
    shell("git fast-import --quiet < stream");
    repo
}

#[test]
fn a_long_line_is_the_same_to_many_threads_in_either_kind_of_pack() {
    let repo = long_line(2600);
    let line = |keeper: &Memory| keeper.entries.iter().map(|entry| entry.changes.clone()).collect::<Vec<_>>();
    for newest_whole in [false, true] {
        if newest_whole {
            repo.git(&["repack", "-adfq"], 0);
        }
        let opened = repo.open();
        let options = super::super::WalkOptions { desk_branch: "main", ..Default::default() };
        let walked = super::super::walk(&opened, repo.id("main"), "tickets", options).unwrap();
        let mut keeper = Memory::default();
        let followed = follow(&opened, &Shared::new(&opened), repo.id("main"), "tickets", "main", &mut keeper).unwrap();
        assert_eq!((followed.kept, followed.added), (0, 2600));
        let positions: Vec<_> = walked.positions.iter().map(|position| position.changes.clone()).collect();
        assert_eq!(line(&keeper), positions);
        // What git itself says has changed.
        let listed = repo.git(&["log", "--reverse", "--root", "--format=%H", "--raw", "--no-abbrev", "main"], 0);
        let changed = listed.lines().filter(|line| line.starts_with(':')).map(|line| {
            let (meta, path) = line.split_once('\t').unwrap();
            let ids: Vec<ObjectId> =
                meta.split(' ').skip(2).take(2).map(|id| ObjectId::from_hex(id.as_bytes()).unwrap()).collect();
            let id = |id: ObjectId| (!id.is_null()).then_some(id);
            (path.strip_prefix("tickets/").unwrap().to_owned(), id(ids[0]), id(ids[1]))
        });
        let told = keeper.entries.iter().flat_map(|entry| &entry.changes);
        let told: Vec<_> = told.map(|change| (change.path.clone(), change.old, change.new)).collect();
        assert_eq!(told, changed.collect::<Vec<_>>());
    }
}

#[test]
fn a_commit_on_top_costs_that_commit() {
    let mut h = History::default();
    let mut last = h.commit(&[], NOW, &[("a", "1")]);
    for number in 1..50 {
        last = h.commit(&[last], NOW + number * 60, &[("a", &number.to_string())]);
    }
    let head = h.commit(&[last], NOW + 50 * 60, &[("b", "1")]);
    let mut fake = Fake::new(h);
    let mut keeper = Memory::default();
    fake.follow(last, &mut keeper);
    (fake.read, fake.compared, keeper.asked) = (0, 0, 0);
    let followed = fake.follow(head, &mut keeper);
    assert_eq!((followed.kept, followed.added), (50, 1));
    // The commit and the one it is compared with; whether either is known, and what stood at the path.
    assert_eq!((fake.read, fake.compared, keeper.asked), (2, 1, 3));
}
