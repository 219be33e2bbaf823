//! The same edits merged key by key: what comes out is the fold of both sides, and what is in conflict is what both sides
//! changed, not to the same.

use std::collections::{BTreeMap, BTreeSet};

use staple::record::{Kind, Name};
use staple::text::merge::{Contested, Marks, Versions, merge, sides};

use super::fold::{Expected, Sides, Version, merged_lines, pieces};
use super::{Pair, Side};

/// What people wrote into a file that no record knows: comments by the key they stand at, and keys of their own.
#[derive(Default)]
struct ByHand {
    above: BTreeMap<String, Vec<String>>,
    behind: BTreeMap<String, String>,
    own: BTreeMap<String, String>,
}

impl ByHand {
    fn of(text: &str) -> Self {
        let (mut out, mut pending, mut last) = (Self::default(), Vec::new(), String::new());
        for line in text.lines().take_while(|line| *line != "# messages") {
            if line.starts_with("# ") {
                pending.push(line.to_owned());
                continue;
            }
            // The comment behind a text of many lines stands behind its last one.
            let line = line.strip_prefix("\"\"\"  # ").map_or(line.to_owned(), |rest| format!("{last} = \"  # {rest}"));
            let Some((key, value)) = line.split_once(" = ").filter(|(key, _)| !key.contains([' ', '"'])) else {
                continue;
            };
            last = key.to_owned();
            let (value, behind) = value.split_once("  # ").unwrap_or((value, ""));
            out.above.entry(key.to_owned()).or_default().append(&mut pending);
            out.behind.insert(key.to_owned(), behind.to_owned());
            if key.starts_with("mine-") {
                out.own.insert(key.to_owned(), value.to_owned());
            }
        }
        out
    }

    fn comments(&self) -> BTreeSet<&String> {
        self.above.values().flatten().chain(self.behind.values()).collect()
    }
}

/// What a merge must come to, worked out from the values alone.
pub(super) struct Oracle {
    keys: BTreeMap<&'static str, Expected>,
    own: BTreeMap<String, Option<String>>,
    /// Keys whose comments both sides changed at one place.
    pub(super) comments: BTreeSet<String>,
    kept_comments: BTreeSet<String>,
}

impl Oracle {
    pub(super) fn of(pair: &Pair) -> Self {
        let [base, left, right] = [&pair.base, &pair.left, &pair.right]
            .map(|side| Version { record: side.record(), text: side.text().to_owned() });
        let keys = Sides { base: &base, left: &left, right: &right }.by_key();
        let [base, left, right] = [&pair.base, &pair.left, &pair.right].map(|side| ByHand::of(side.text()));
        let mut own = BTreeMap::new();
        for key in base.own.keys().chain(left.own.keys()).chain(right.own.keys()) {
            let [b, l, r] = [&base, &left, &right].map(|side| side.own.get(key));
            let merged = if l == r || r == b {
                l
            } else if l == b {
                r
            } else {
                None
            };
            own.insert(key.clone(), merged.cloned());
        }
        let mut comments = BTreeSet::new();
        for key in left.above.keys().filter(|key| right.above.contains_key(*key)) {
            let above = |side: &ByHand| side.above.get(key).cloned().unwrap_or_default();
            let behind = |side: &ByHand| side.behind.get(key).cloned().unwrap_or_default();
            let (b, l, r) = (behind(&base), behind(&left), behind(&right));
            let meet = merged_lines(&above(&base), &above(&left), &above(&right)).is_none();
            if meet || (l != b && r != b && l != r) {
                comments.insert(key.clone());
            }
        }
        let (b, l, r) = (base.comments(), left.comments(), right.comments());
        let kept = l.union(&r).filter(|line| (l.contains(*line) && r.contains(*line)) || !b.contains(*line));
        let kept_comments = kept.map(|line| (*line).clone()).collect();
        Self { keys, own, comments, kept_comments }
    }

    /// The keys only a person can solve.
    pub(super) fn conflicts(&self) -> BTreeSet<String> {
        let keys =
            self.keys.iter().filter(|(_, expected)| **expected == Expected::Conflict).map(|(key, _)| (*key).to_owned());
        let own = self.own.iter().filter(|(_, merged)| merged.is_none()).map(|(key, _)| key.clone());
        keys.chain(own).collect()
    }

    /// Whether a merged file, read as one side has its conflicts, holds what it must.
    pub(super) fn check(&self, pair: &Pair, text: &str, ours: &Side) -> Result<(), String> {
        let name = &pair.base.record().name;
        let parsed = staple::text::parse(pair.base.kind, name, &pair.base.path, text.as_bytes());
        if !parsed.is_sound() {
            return Err(format!("not sound: {:?}", parsed.findings));
        }
        let record = parsed.record.unwrap();
        for (key, expected) in &self.keys {
            let found = record.get(key);
            let is_right = match expected {
                Expected::Exactly(value) => found == value,
                Expected::Lines(least, most) => pieces(found).is_superset(least) && pieces(found).is_subset(most),
                // Of a text the stretches that do not meet are merged even so.
                Expected::Conflict if key_is_many(pair.base.kind, key) => true,
                Expected::Conflict => found == ours.record().get(key),
            };
            if !is_right {
                return Err(format!("`{key}` is {found:?}, not {expected:?}"));
            }
        }
        let hand = ByHand::of(text);
        for (key, expected) in &self.own {
            if expected.is_some() && hand.own.get(key) != expected.as_ref() {
                return Err(format!("`{key}` is {:?}, not {expected:?}", hand.own.get(key)));
            }
        }
        if self.comments.is_empty() && self.conflicts().is_empty() {
            let found: BTreeSet<String> = hand.comments().into_iter().cloned().collect();
            if found != self.kept_comments {
                return Err(format!("comments {found:?}, not {:?}", self.kept_comments));
            }
        }
        let ids = |side: &Side| side.record().messages.iter().map(|m| m.name.clone()).collect::<BTreeSet<Name>>();
        let expected: BTreeSet<Name> = ids(&pair.left).union(&ids(&pair.right)).cloned().collect();
        let found: Vec<Name> = record.messages.iter().map(|m| m.name.clone()).collect();
        if found.iter().cloned().collect::<BTreeSet<_>>() != expected || found.len() != expected.len() {
            return Err(format!("bound {found:?}, not {expected:?}"));
        }
        Ok(())
    }
}

fn key_is_many(kind: Kind, key: &str) -> bool {
    kind.schema().key(key).is_some_and(|key| super::is_many(key.ty))
}

/// What is wrong with the merge of a pair's record, with left or right as our side.
fn judge(pair: &Pair, swapped: bool) -> Result<bool, String> {
    let (ours, theirs) = if swapped { (&pair.right, &pair.left) } else { (&pair.left, &pair.right) };
    let versions =
        Versions { base: pair.base.text().as_bytes(), ours: ours.text().as_bytes(), theirs: theirs.text().as_bytes() };
    let merged = merge(Some(pair.base.kind), versions, &Marks::default(), &[]);
    let text = String::from_utf8(merged.text).unwrap();
    let oracle = Oracle::of(pair);
    let say = |what: String| format!("{}\n  swapped {swapped}: {what}\n{text}", pair.edits);
    let of = |wanted: &[Contested]| -> BTreeSet<String> {
        merged.conflicts.iter().filter(|c| wanted.contains(&c.what)).map(|c| c.key.clone()).collect()
    };
    if of(&[Contested::Value, Contested::Message, Contested::File]) != oracle.conflicts() {
        return Err(say(format!("conflicts {:?}, not {:?}", merged.conflicts, oracle.conflicts())));
    }
    if !of(&[Contested::Comment]).is_subset(&oracle.comments) {
        return Err(say(format!("conflicts {:?}, not {:?}", merged.conflicts, oracle.comments)));
    }
    let taken = sides(&text).unwrap();
    assert_eq!(taken.marks.is_some(), !merged.conflicts.is_empty(), "{text}");
    oracle.check(pair, &taken.ours, ours).map_err(say)?;
    oracle.check(pair, &taken.theirs, theirs).map_err(say)?;
    let bare = text.replace("\r\n", "");
    if pair.base.text().contains('\r') == bare.contains('\n') {
        return Err(say("line ends are mixed".to_owned()));
    }
    Ok(merged.conflicts.is_empty())
}

/// How many pairs a run takes; `STAPLE_MERGES` asks for more.
pub(super) fn wanted(usual: u64) -> u64 {
    std::env::var("STAPLE_MERGES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
#[allow(clippy::print_stdout, reason = "the counts are what the test is run for by hand")]
fn random_concurrent_edits_merge_key_by_key() {
    let (mut clean, mut all, mut wrong) = (0, 0, Vec::new());
    for seed in 1..=wanted(400) {
        for pair in [Pair::random(seed), Pair::by_hand(seed)] {
            for swapped in [false, true] {
                all += 1;
                match judge(&pair, swapped) {
                    Ok(is_clean) => clean += usize::from(is_clean),
                    Err(what) => wrong.push(what),
                }
            }
        }
    }
    println!(
        "{all} merges key by key: {clean} clean, {} with conflicts, {} wrong",
        all - clean - wrong.len(),
        wrong.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
}

/// Each folder of cases has a kind, three versions of a file (two where both sides made it), and what comes of them.
#[test]
fn files_merge_as_they_are_written_down() {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/merges/cases");
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let case = entry.unwrap().path();
        let read = |name: &str| std::fs::read_to_string(case.join(name)).unwrap_or_default();
        let kind = Kind::from_word(read("kind").trim());
        // With the line ends of Windows the same comes out, with those.
        for line_end in ["\n", "\r\n"] {
            let [base, ours, theirs, out] =
                ["base.toml", "ours.toml", "theirs.toml", "out.toml"].map(|name| read(name).replace('\n', line_end));
            let versions = Versions { base: base.as_bytes(), ours: ours.as_bytes(), theirs: theirs.as_bytes() };
            let merged = merge(kind, versions, &Marks::default(), &[]);
            assert_eq!(String::from_utf8(merged.text).unwrap(), out, "{}", case.display());
            assert_eq!(merged.conflicts.is_empty(), !out.contains("<<<<<<<"), "{}", case.display());
        }
        cases += 1;
    }
    assert!(cases > 15, "{cases} cases");
}
