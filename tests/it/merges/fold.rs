//! What a merge should give: the key-by-key fold of both sides. Pure.

use std::collections::{BTreeMap, BTreeSet};

use staple::record::schema::Type;
use staple::record::{Record, Value};

/// What a key may hold after a clean merge.
#[derive(Debug, PartialEq)]
pub(crate) enum Expected {
    /// This value.
    Exactly(Value),
    /// Lines of both sides, as git puts them together: at least these, and none but those.
    Lines(BTreeSet<String>, BTreeSet<String>),
    /// Both sides changed it, to different values: only a conflict is right.
    Conflict,
}

/// A record's text as a merge sees it.
pub(crate) struct Version {
    pub(crate) record: Record,
    pub(crate) text: String,
}

impl Version {
    fn holds(&self, key: &str) -> bool {
        let start = format!("{key} = ");
        self.text.lines().take_while(|line| *line != "# messages").any(|line| line.starts_with(&start))
    }

    fn key(&self, key: &str) -> (&Value, bool) {
        (self.record.get(key), self.holds(key))
    }

    fn lacks(&self, key: &str) -> bool {
        !self.holds(key)
    }

    fn message_ids(&self) -> Vec<String> {
        self.record.messages.iter().map(|m| m.name.to_string()).collect()
    }
}

/// Base and both sides.
pub(crate) struct Sides<'a> {
    pub(crate) base: &'a Version,
    pub(crate) left: &'a Version,
    pub(crate) right: &'a Version,
}

impl Sides<'_> {
    /// What each key of the kind should hold.
    pub(crate) fn fold(&self) -> BTreeMap<&'static str, Expected> {
        self.base.record.schema().keys.iter().map(|key| (key.name, self.fold_key(key.name, key.ty))).collect()
    }

    fn fold_key(&self, key: &str, ty: Type) -> Expected {
        let [base, left, right] = [self.base, self.left, self.right].map(|side| side.record.get(key));
        if left == base || left == right {
            return Expected::Exactly(right.clone());
        }
        if right == base {
            return Expected::Exactly(left.clone());
        }
        match ty {
            Type::List | Type::Refs(_) => Expected::Exactly(Value::List(items(
                self.base.record.list(key),
                self.left.record.list(key),
                self.right.record.list(key),
            ))),
            Type::Rows(_) => {
                let [base, left, right] = [base, left, right].map(rows);
                let mut all = lines(&base, &left, &right).1;
                all.retain(|row| (left.contains(row) && right.contains(row)) || !base.contains(row));
                Expected::Lines(all.clone(), all)
            }
            Type::Prose | Type::Ordered => {
                let [base, left, right] = [base, left, right].map(pieces);
                let (least, most) = lines(&base, &left, &right);
                Expected::Lines(least, most)
            }
            _ => Expected::Conflict,
        }
    }

    /// Keys that both sides changed, and not to the same: the only ones that may conflict.
    pub(crate) fn contested(&self) -> Vec<&'static str> {
        let keys = self.base.record.schema().keys.iter().map(|key| key.name);
        keys.filter(|key| {
            let [base, left, right] = [self.base, self.left, self.right].map(|side| side.key(key));
            left != base && right != base && left != right
        })
        .collect()
    }

    /// Whether each side added lines for keys that the base lacks: all such lines go to one place.
    pub(crate) fn both_added_keys(&self) -> bool {
        let keys: Vec<&str> = self.base.record.schema().keys.iter().map(|key| key.name).collect();
        let added = |side: &Version| keys.iter().any(|key| self.base.lacks(key) && side.holds(key));
        added(self.left) && added(self.right)
    }

    /// Whether both sides bound the same messages.
    pub(crate) fn bound_alike(&self) -> bool {
        self.both_bound() && self.left.message_ids() == self.right.message_ids()
    }

    /// Whether both sides bound messages.
    pub(crate) fn both_bound(&self) -> bool {
        let [base, left, right] = [self.base, self.left, self.right].map(Version::message_ids);
        left != base && right != base
    }
}

/// The three-way set of items, sorted: kept by both, or added by either.
fn items(base: &[String], left: &[String], right: &[String]) -> Vec<String> {
    let all: BTreeSet<&String> = base.iter().chain(left).chain(right).collect();
    let stays = |item: &&String| (left.contains(item) && right.contains(item)) || !base.contains(item);
    all.into_iter().filter(stays).cloned().collect()
}

/// The lines that must and those that may be there: what both kept, and what at least one has and neither took away.
fn lines(
    base: &BTreeSet<String>,
    left: &BTreeSet<String>,
    right: &BTreeSet<String>,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let all: BTreeSet<String> = left.union(right).cloned().collect();
    let kept = |line: &String| (left.contains(line) && right.contains(line)) || !base.contains(line);
    let least = all.iter().filter(|line| kept(line)).cloned().collect();
    (least, all)
}

/// The pieces of a value that stand on lines of their own.
pub(crate) fn pieces(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Text(text) => text.lines().map(str::to_owned).collect(),
        Value::List(items) => items.iter().cloned().collect(),
        Value::Rows(_) => rows(value),
        _ => BTreeSet::new(),
    }
}

fn rows(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Rows(rows) => rows.iter().map(|row| format!("{row:?}")).collect(),
        _ => BTreeSet::new(),
    }
}
