//! Concurrent edits merged with plain git, without a merge driver, and with it in `driver`: what does not contradict merges cleanly, and a clean merge
//! is the key-by-key fold of both sides.

mod driver;
mod edits;
mod fold;
mod git;
mod left;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) use edits::Dice;
use edits::Side;
use fold::{Expected, Sides, Version};
use staple::record::{Kind, Record};

use crate::common::TestEnvironment;

const KINDS: [Kind; 8] =
    [Kind::Proposal, Kind::Playbook, Kind::Person, Kind::Role, Kind::Team, Kind::Customer, Kind::Channel, Kind::Topic];

struct Pair {
    base: Side,
    left: Side,
    right: Side,
    edits: String,
}

impl Pair {
    /// As [`Pair::random`], with edits by hand, and now and then with the line ends of Windows.
    fn by_hand(seed: u64) -> Self {
        let mut pair = Self::random(seed);
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        pair.base.edit_by_hand(&mut dice);
        let (mut left, mut right) = (pair.base.clone(), pair.base.clone());
        let mut edits = String::new();
        for side in [&mut left, &mut right] {
            if dice.below(2) == 0 {
                let _ = write!(edits, "{:?} ", side.edit_by_hand(&mut dice));
            }
            let _ = write!(edits, "{:?} ", side.edit(&mut dice));
            if dice.below(2) == 0 {
                let _ = write!(edits, "{:?} ", side.edit_by_hand(&mut dice));
            }
        }
        if dice.below(8) == 0 {
            for side in [&mut pair.base, &mut left, &mut right] {
                side.end_lines_with_carriage_returns();
            }
        }
        let kind = pair.base.kind.word();
        Self { left, right, edits: format!("seed {seed} by hand, {kind}: {edits}"), ..pair }
    }

    /// Whether both sides bound messages.
    fn both_bound(&self) -> bool {
        let bound = |side: &Side| side.record().messages.len();
        bound(&self.left) > bound(&self.base) && bound(&self.right) > bound(&self.base)
    }

    fn random(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let kind = if dice.below(5) < 3 { Kind::Ticket } else { KINDS[dice.below(KINDS.len())] };
        let base = Side::random(kind, &mut dice);
        let (mut left, mut right) = (base.clone(), base.clone());
        let edits = format!("left {:?}, right {:?}", left.edit(&mut dice), right.edit(&mut dice));
        Self { base, left, right, edits: format!("seed {seed}, {}: {edits}", kind.word()) }
    }
}

#[derive(Default)]
struct Counts {
    merges: usize,
    clean: usize,
    /// Conflicts where both changed one key that holds one value.
    same_value: usize,
    /// Conflicts in one list or one text.
    same_list: usize,
    /// Conflicts where each added a key that the base lacks, not the same ones.
    added_keys: usize,
    /// Conflicts where both bound, and not the same messages.
    bound: usize,
    /// Conflicts where both bound the same and one side said something afterwards: git takes the new message for a bound one
    /// that was renamed, and says that the other side deleted it. Nothing is lost, and somebody has to look.
    renamed: usize,
    needless: Vec<String>,
    wrong: Vec<String>,
}

impl Counts {
    fn judge(&mut self, pair: &Pair, clean: bool, merged: &BTreeMap<String, String>) {
        self.merges += 1;
        let [base, left, right] = [&pair.base, &pair.left, &pair.right]
            .map(|side| Version { record: side.record(), text: side.text().to_owned() });
        let sides = Sides { base: &base, left: &left, right: &right };
        if clean {
            self.clean += 1;
            if let Err(what) = is_the_fold(pair, &sides, merged) {
                self.wrong.push(format!("{}\n  {what}", pair.edits));
            }
            return;
        }
        let contested = sides.contested();
        let many = |key: &&str| base.record.schema().key(key).is_some_and(|key| is_many(key.ty));
        if contested.iter().any(|key| !many(key)) {
            self.same_value += 1;
        } else if !contested.is_empty() || sides.one_emptied_again() {
            self.same_list += 1;
        } else if sides.both_added_keys() {
            self.added_keys += 1;
        } else if sides.bound_alike() {
            self.renamed += 1;
        } else if sides.both_bound() {
            self.bound += 1;
        } else {
            self.needless.push(pair.edits.clone());
        }
    }
}

fn is_many(ty: staple::record::schema::Type) -> bool {
    ty.is_list() || ty == staple::record::schema::Type::Prose
}

/// Whether a clean merge is what it should be; else what is not.
fn is_the_fold(pair: &Pair, sides: &Sides<'_>, merged: &BTreeMap<String, String>) -> Result<(), String> {
    let side = Side { files: merged.clone(), ..pair.base.clone() };
    let parsed = staple::text::parse(pair.base.kind, &sides.base.record.name, &side.path, side.text().as_bytes());
    if !parsed.is_sound() {
        return Err(format!("not sound: {:?}\n{}", parsed.findings, side.text()));
    }
    let record = side.record();
    for (key, expected) in sides.fold() {
        let found = record.get(key);
        let right = match &expected {
            Expected::Exactly(value) => found == value,
            Expected::Lines(least, most) => {
                let pieces = fold::pieces(found);
                pieces.is_superset(least) && pieces.is_subset(most)
            }
            Expected::Conflict => false,
        };
        if !right {
            return Err(format!("`{key}` is {found:?}, not {expected:?}"));
        }
    }
    if pair.base.kind == Kind::Ticket {
        let words = |messages: Vec<Record>| -> BTreeMap<String, String> {
            messages.iter().map(|m| (m.name.to_string(), staple::text::create(m))).collect()
        };
        let mut all = words(pair.left.messages());
        all.extend(words(pair.right.messages()));
        let loose = merged.keys().filter(|path| **path != side.path).count();
        if words(side.messages()) != all || record.messages.len() + loose != all.len() {
            return Err(format!("messages {:?}, not {:?}", words(side.messages()).keys(), all.keys()));
        }
    }
    Ok(())
}

/// A stream for `git fast-import`: for each pair a base and both sides.
fn stream(pairs: &[Pair]) -> String {
    let mut out = String::new();
    for (i, pair) in pairs.iter().enumerate() {
        for (side, files) in [("b", &pair.base), ("l", &pair.left), ("r", &pair.right)] {
            let mark = if side == "b" { format!("mark :{}\n", i + 1) } else { String::new() };
            let from = if side == "b" { String::new() } else { format!("from :{}\n", i + 1) };
            let _ = write!(
                out,
                "commit refs/heads/{side}{i}\n{mark}committer Sam <sam@example.org> 1795000000 +0000\ndata 1\nx\n{from}deleteall\n"
            );
            for (path, text) in &files.files {
                let _ = write!(out, "M 100644 inline {path}\ndata {}\n{text}\n", text.len());
            }
        }
    }
    out
}

/// Merges every pair both ways with git's own merge: whether each was clean, and its tree.
fn merge(sam: &TestEnvironment, pairs: &[Pair]) -> Vec<(bool, String)> {
    let both = |i: usize| format!("refs/heads/l{i} refs/heads/r{i}\nrefs/heads/r{i} refs/heads/l{i}\n");
    let input: String = (0..pairs.len()).map(both).collect();
    let out = sam.git_with_input(&["merge-tree", "--write-tree", "--name-only", "--no-messages", "--stdin"], &input);
    let mut fields = out.split('\0').map(|field| field.trim_start_matches('\n'));
    let mut merges = Vec::new();
    while let (Some(status), Some(tree)) = (fields.next(), fields.next()) {
        merges.push((status == "1", tree.to_owned()));
        // Names of files in conflict up to an empty field.
        while fields.next().is_some_and(|name| !name.is_empty()) {}
    }
    merges
}

/// The same with `git merge` in a work tree must come to the same.
fn merge_in_the_work_tree(sam: &TestEnvironment, i: usize, (clean, tree): &(bool, String), edits: &str) {
    sam.git(&["checkout", "--quiet", "--force", "-B", "trial", &format!("l{i}")]);
    let merged = sam.try_git(&["merge", "--quiet", "--no-edit", &format!("r{i}")]);
    assert_eq!(merged.status == 0, *clean, "{edits}\n{merged}");
    if *clean {
        assert_eq!(sam.git(&["rev-parse", "HEAD^{tree}"]).trim(), tree, "{edits}");
    } else {
        sam.git(&["merge", "--abort"]);
    }
}

/// The files of a tree.
fn files(sam: &TestEnvironment, pair: &Pair, tree: &str) -> BTreeMap<String, String> {
    let paths = [&pair.base, &pair.left, &pair.right].into_iter().flat_map(|side| side.files.keys());
    let paths: std::collections::BTreeSet<&String> = paths.collect();
    let input: String = paths.iter().map(|path| format!("{tree}:{path}\n")).collect();
    let mut rest = sam.git_with_input(&["cat-file", "--batch"], &input);
    let mut out = BTreeMap::new();
    for path in paths {
        let (head, body) = rest.split_once('\n').unwrap();
        if head.ends_with(" missing") {
            rest = body.to_owned();
            continue;
        }
        let size: usize = head.rsplit(' ').next().unwrap().parse().unwrap();
        out.insert(path.clone(), body[..size].to_owned());
        rest = body[size + 1..].to_owned();
    }
    out
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is run for by hand")]
fn random_concurrent_edits_merge_to_the_fold_of_both_sides() {
    let wanted = std::env::var("STAPLE_MERGES").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let sam = TestEnvironment::with_repository();
    let pairs: Vec<Pair> = (1..=wanted).map(Pair::random).collect();
    sam.git_with_input(&["fast-import", "--quiet"], &stream(&pairs));
    let merges = merge(&sam, &pairs);
    assert_eq!(merges.len(), 2 * pairs.len());
    for (i, pair) in pairs.iter().enumerate().take(6) {
        merge_in_the_work_tree(&sam, i, &merges[2 * i], &pair.edits);
    }
    let mut counts = Counts::default();
    for (i, (clean, tree)) in merges.iter().enumerate() {
        let merged = if *clean { files(&sam, &pairs[i / 2], tree) } else { BTreeMap::new() };
        counts.judge(&pairs[i / 2], *clean, &merged);
    }
    println!(
        "{} merges: {} clean, conflicts {} in one value, {} in one list or text, {} of added keys, {} bound differently, {} bound alike and went on; needless {}, wrong {}",
        counts.merges,
        counts.clean,
        counts.same_value,
        counts.same_list,
        counts.added_keys,
        counts.bound,
        counts.renamed,
        counts.needless.len(),
        counts.wrong.len()
    );
    assert!(counts.wrong.is_empty(), "wrong:\n{}", counts.wrong.join("\n"));
    assert!(counts.needless.is_empty(), "needless: {:#?}", counts.needless);
}

/// A desk with one ticket that Sam works on; its path.
fn desk_with_a_ticket() -> (TestEnvironment, String) {
    let sam = TestEnvironment::with_repository();
    sam.staple_ok(&["init"]);
    sam.staple_ok(&["ticket", "new", "Export stops", "--text", "It stops at page 40."]);
    let path = sam.files().into_iter().find(|p| p.starts_with("tickets/") && p.matches('.').count() == 1).unwrap();
    sam.staple_ok(&["take", id_of(&path)]);
    (sam, path)
}

fn id_of(path: &str) -> &str {
    &path[path.len() - 11..path.len() - 5]
}

/// Sets a key as an editor would, and commits.
fn set(person: &TestEnvironment, path: &str, key: &str, value: &str) {
    let schema = Kind::Ticket.schema();
    let value = staple::text::typed(schema.key(key).unwrap().ty, value).unwrap();
    let text = staple::text::edit(&person.read(path), schema, &[(key, value)]).unwrap();
    person.write(path, text);
    person.git(&["commit", "--quiet", "-am", "Set a key"]);
}

/// Merges the other clone's main, with plain git.
#[track_caller]
fn pull(person: &TestEnvironment, other: &TestEnvironment) {
    let from = other.dir().to_str().unwrap();
    person.git(&["fetch", "--quiet", from, "main"]);
    let merged = person.try_git(&["merge", "--no-edit", "FETCH_HEAD"]);
    assert_eq!(merged.status, 0, "{merged}");
    let checked = person.staple(&["check"]);
    assert_eq!(checked.status, 0, "{checked}");
    person.assert_clean();
}

#[test]
fn two_clones_that_set_different_keys_and_say_something_merge_cleanly() {
    let (sam, path) = desk_with_a_ticket();
    let robin = sam.clone_for("Robin Hale", "robin@example.org");
    set(&sam, &path, "severity", "stuck");
    sam.staple_ok(&["reply", id_of(&path), "-m", "We look at it."]);
    set(&robin, &path, "product", "Ledger");
    robin.staple_ok(&["received", id_of(&path), "-m", "It also stops on Mondays."]);
    pull(&sam, &robin);
    pull(&robin, &sam);
    let text = sam.read(&path);
    assert!(text.contains("severity = \"stuck\"") && text.contains("product = \"Ledger\""), "{text}");
    assert_eq!(sam.files(), robin.files());
    assert_eq!(sam.files().iter().filter(|p| p.starts_with("tickets/")).count(), 4);
}

#[test]
fn a_clone_that_binds_and_one_that_goes_on_merge_cleanly() {
    let (sam, path) = desk_with_a_ticket();
    let id = id_of(&path);
    sam.staple_ok(&["reply", id, "-m", "Export in two halves.", "--resolve", "workaround"]);
    sam.at("2027-06-01T09:00:00Z");
    let robin = sam.clone_for("Robin Hale", "robin@example.org");
    set(&robin, &path, "was", "T-2ab3cd");
    robin.staple_ok(&["received", id, "-m", "Thank you!"]);
    sam.staple_ok(&["bind"]);
    assert_eq!(sam.git(&["log", "-1", "--format=%s"]), format!("T-{id}: bound, 2 messages\n"));
    pull(&sam, &robin);
    let files: Vec<String> = sam.files().into_iter().filter(|p| p.starts_with("tickets/")).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    let text = sam.read(&path);
    assert!(text.contains("was = \"T-2ab3cd\"") && text.matches("[[message]]").count() == 2, "{text}");
    // Whoever binds next gets the same bytes, on whichever clone.
    pull(&robin, &sam);
    sam.staple_ok(&["bind", "--older", "0"]);
    robin.staple_ok(&["bind", "--older", "0"]);
    assert_eq!(sam.read(&path), robin.read(&path));
    assert_eq!(sam.read(&path).matches("[[message]]").count(), 3);
    pull(&sam, &robin);
}
