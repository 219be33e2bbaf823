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
            Type::List | Type::Refs(_) => {
                let of = |side: &Version| side.record.list(key).to_vec();
                let merged = items(&of(self.base), &of(self.left), &of(self.right));
                Expected::Exactly(if merged.is_empty() { Value::Unset } else { Value::List(merged) })
            }
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

    /// What each key should hold after a merge key by key: as [`Sides::fold`], and of a list or text that both changed the one
    /// value there is, or a conflict.
    pub(crate) fn by_key(&self) -> BTreeMap<&'static str, Expected> {
        let keys = self.base.record.schema().keys.iter();
        keys.map(|key| {
            let [base, left, right] = [self.base, self.left, self.right].map(|side| side.record.get(key.name));
            let is_contested = left != base && right != base && left != right;
            let expected = match key.ty {
                Type::Prose | Type::Ordered if is_contested => in_order(base, left, right),
                Type::Rows(fields) if is_contested => rows_by_field(fields, base, left, right),
                _ => self.fold_key(key.name, key.ty),
            };
            (key.name, expected)
        })
        .collect()
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

    /// Whether one side filled a list and emptied it again, which leaves its brackets on lines of their own, and the other side
    /// changed the same list.
    pub(crate) fn one_emptied_again(&self) -> bool {
        let keys = self.base.record.schema().keys.iter().map(|key| key.name);
        let emptied = |side: &Version, key: &str| {
            let begins = |text: &str, line: String| text.contains(&format!("\n{line}\n"));
            begins(&self.base.text, format!("{key} = []")) && begins(&side.text, format!("{key} = [\n]"))
        };
        keys.into_iter().any(|key| {
            let [base, left, right] = [self.base, self.left, self.right].map(|side| side.key(key));
            (left != base && emptied(self.right, key)) || (right != base && emptied(self.left, key))
        })
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

/// A stretch of the base and the lines one side has there instead.
type Edit = (std::ops::Range<usize>, Vec<String>);

/// Lines in their order. Where one side has none left, or there were none, only a person can tell.
fn in_order(base: &Value, left: &Value, right: &Value) -> Expected {
    let lines = |value: &Value| -> Vec<String> {
        match value {
            Value::Text(text) => text.lines().map(str::to_owned).collect(),
            Value::List(items) => items.clone(),
            _ => Vec::new(),
        }
    };
    if [base, left, right].into_iter().any(Value::is_unset) {
        return Expected::Conflict;
    }
    match merged_lines(&lines(base), &lines(left), &lines(right)) {
        None => Expected::Conflict,
        Some(lines) if lines.is_empty() => Expected::Exactly(Value::Unset),
        Some(lines) if matches!(base, Value::Text(_)) => Expected::Exactly(Value::Text(lines.join("\n"))),
        Some(lines) => Expected::Exactly(Value::List(lines)),
    }
}

/// Both sides' edits of lines that are all different; nothing when two of them meet.
pub(crate) fn merged_lines(base: &[String], left: &[String], right: &[String]) -> Option<Vec<String>> {
    let (lefts, rights) = (edits(base, left), edits(base, right));
    let mut all = lefts.clone();
    for edit in rights {
        if lefts.contains(&edit) {
            continue;
        }
        if lefts.iter().any(|other| meet(other, &edit) || meet(&edit, other)) {
            return None;
        }
        all.push(edit);
    }
    all.sort_by_key(|(range, _)| (range.start, range.end));
    let (mut out, mut at) = (Vec::new(), 0);
    for (range, lines) in all {
        out.extend_from_slice(&base[at..range.start]);
        out.extend(lines);
        at = range.end;
    }
    out.extend_from_slice(&base[at..]);
    Some(out)
}

fn edits(base: &[String], side: &[String]) -> Vec<Edit> {
    let (mut out, mut i, mut j) = (Vec::new(), 0, 0);
    loop {
        let (start, mut lines) = (i, Vec::new());
        while i < base.len() && !side.contains(&base[i]) {
            i += 1;
        }
        while j < side.len() && !base.contains(&side[j]) {
            lines.push(side[j].clone());
            j += 1;
        }
        if i > start || !lines.is_empty() {
            out.push((start..i, lines));
        }
        if i == base.len() {
            return out;
        }
        assert_eq!(base[i], side[j], "lines are never moved");
        (i, j) = (i + 1, j + 1);
    }
}

/// Whether they take the same line's place, insert at one place, or one inserts beside another that grew.
fn meet((a, _): &Edit, (b, lines): &Edit) -> bool {
    let is_beside = a.is_empty() && (a.start == b.start || a.start == b.end);
    (a.start < b.end && b.start < a.end) || (is_beside && (b.is_empty() || lines.len() > b.len()))
}

/// Structures told apart by their first field, or by all they hold where two begin alike; each field by itself.
fn rows_by_field(fields: &[staple::record::schema::Key], base: &Value, left: &Value, right: &Value) -> Expected {
    use staple::record::value::Row;
    let of = |value: &Value| -> Vec<Row> {
        match value {
            Value::Rows(rows) => rows.clone(),
            _ => Vec::new(),
        }
    };
    let [base, left, right] = [base, left, right].map(of);
    let short = |row: &Row| row[0].1.to_string();
    let are_distinct = |rows: &[Row]| rows.iter().map(short).collect::<BTreeSet<_>>().len() == rows.len();
    let is_short = [&base, &left, &right].into_iter().all(|rows| are_distinct(rows));
    let name = |row: &Row| if is_short { short(row) } else { format!("{row:?}") };
    let find = |rows: &[Row], wanted: &str| rows.iter().find(|row| name(row) == wanted).cloned();
    let mut out = BTreeSet::new();
    for wanted in base.iter().chain(&left).chain(&right).map(name).collect::<BTreeSet<_>>() {
        let merged = match (find(&base, &wanted), find(&left, &wanted), find(&right, &wanted)) {
            (Some(base), Some(one), None) | (Some(base), None, Some(one)) if one != base => return Expected::Conflict,
            (None, Some(one), None) | (None, None, Some(one)) => one,
            (base, Some(left), Some(right)) => {
                let mut merged = Row::new();
                for (i, field) in fields.iter().enumerate() {
                    let was = base.as_ref().map_or(Value::Unset, |row| row[i].1.clone());
                    let (l, r) = (&left[i].1, &right[i].1);
                    let value = if l == r || *r == was {
                        l
                    } else if *l == was {
                        r
                    } else {
                        return Expected::Conflict;
                    };
                    merged.push((field.name.to_owned(), value.clone()));
                }
                merged
            }
            _ => continue,
        };
        out.insert(format!("{merged:?}"));
    }
    Expected::Lines(out.clone(), out)
}
