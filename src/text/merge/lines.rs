//! Three-way merge of a sequence: lines of a text, items of an ordered list.

use std::hash::Hash;
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// A stretch of the merged sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chunk {
    /// As ours has it.
    Ours(Range<usize>),
    /// As theirs has it.
    Theirs(Range<usize>),
    /// Both changed it, not to the same.
    Conflict {
        /// What ours has.
        ours: Range<usize>,
        /// What theirs has.
        theirs: Range<usize>,
    },
}

/// A stretch of the base and what one side has there instead.
#[derive(Debug, Clone)]
struct Edit {
    base: Range<usize>,
    side: Range<usize>,
}

impl Edit {
    fn grows(&self) -> bool {
        self.side.len() > self.base.len()
    }
}

/// Puts both sides' edits of `base` together.
///
/// Edits of neighbouring items do not meet as long as their order is plain: two that take the same item's place, two that
/// insert at the same place, and one that inserts beside another that grew do.
pub(super) fn three_way<T: Eq + Hash>(base: &[T], ours: &[T], theirs: &[T]) -> Vec<Chunk> {
    let (left, right) = (edits(base, ours), edits(base, theirs));
    let mut out = Vec::new();
    let (mut i, mut j) = (0, 0);
    // How far base and ours are written out.
    let (mut at, mut at_ours, mut at_theirs) = (0, 0, 0);
    while i < left.len() || j < right.len() {
        let (mut to_i, mut to_j) = (i, j);
        let is_left_first = match (left.get(i), right.get(j)) {
            (Some(a), Some(b)) => (a.base.start, a.base.end) <= (b.base.start, b.base.end),
            (a, _) => a.is_some(),
        };
        if is_left_first {
            to_i += 1
        } else {
            to_j += 1
        }
        loop {
            if to_i < left.len() && right[j..to_j].iter().any(|edit| meet(&left[to_i], edit)) {
                to_i += 1;
            } else if to_j < right.len() && left[i..to_i].iter().any(|edit| meet(edit, &right[to_j])) {
                to_j += 1;
            } else {
                break;
            }
        }
        let group = left[i..to_i].iter().chain(&right[j..to_j]);
        let start = group.clone().map(|edit| edit.base.start).min().unwrap_or(at);
        let end = group.map(|edit| edit.base.end).max().unwrap_or(at);
        out.push(Chunk::Ours(at_ours..at_ours + (start - at)));
        let of_ours = stretch(at_ours + (start - at), start..end, &left[i..to_i]);
        let of_theirs = stretch(at_theirs + (start - at), start..end, &right[j..to_j]);
        (at, at_ours, at_theirs) = (end, of_ours.end, of_theirs.end);
        if j == to_j || ours[of_ours.clone()] == theirs[of_theirs.clone()] {
            out.push(Chunk::Ours(of_ours));
        } else if i == to_i {
            out.push(Chunk::Theirs(of_theirs));
        } else {
            conflict(ours, of_ours, theirs, of_theirs, &mut out);
        }
        (i, j) = (to_i, to_j);
    }
    out.push(Chunk::Ours(at_ours..ours.len()));
    out.retain(|chunk| !matches!(chunk, Chunk::Ours(range) | Chunk::Theirs(range) if range.is_empty()));
    out
}

/// Where a side has the stretch `base`, which begins at `start` of the side.
fn stretch(start: usize, base: Range<usize>, edits: &[Edit]) -> Range<usize> {
    let new: usize = edits.iter().map(|edit| edit.side.len()).sum();
    let old: usize = edits.iter().map(|edit| edit.base.len()).sum();
    start..start + base.len() + new - old
}

/// The conflict without what both sides begin and end with.
fn conflict<T: Eq>(ours: &[T], mut left: Range<usize>, theirs: &[T], mut right: Range<usize>, out: &mut Vec<Chunk>) {
    let start = left.start;
    while !left.is_empty() && !right.is_empty() && ours[left.start] == theirs[right.start] {
        left.start += 1;
        right.start += 1;
    }
    let end = left.end;
    while !left.is_empty() && !right.is_empty() && ours[left.end - 1] == theirs[right.end - 1] {
        left.end -= 1;
        right.end -= 1;
    }
    let after = left.end..end;
    out.extend([Chunk::Ours(start..left.start), Chunk::Conflict { ours: left, theirs: right }, Chunk::Ours(after)]);
}

fn edits<T: Eq + Hash>(base: &[T], side: &[T]) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    // As git merges.
    for op in capture_diff_slices(Algorithm::Histogram, base, side) {
        if op.tag() == DiffTag::Equal {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.base.end == op.old_range().start && last.side.end == op.new_range().start => {
                last.base.end = op.old_range().end;
                last.side.end = op.new_range().end;
            }
            _ => out.push(Edit { base: op.old_range(), side: op.new_range() }),
        }
    }
    out
}

/// Whether an edit of ours and one of theirs cannot both be made, or not in a plain order.
fn meet(a: &Edit, b: &Edit) -> bool {
    let overlap = a.base.start < b.base.end && b.base.start < a.base.end;
    let same_place = a.base.is_empty() && a.base == b.base;
    let beside = |insertion: &Edit, other: &Edit| {
        let at = insertion.base.start;
        insertion.base.is_empty() && other.grows() && (at == other.base.start || at == other.base.end)
    };
    overlap || same_place || beside(a, b) || beside(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Merges words; a conflict reads `<ours|theirs>`.
    fn check(base: &str, ours: &str, theirs: &str, expected: &str) {
        let words = |text: &'static str| -> Vec<&str> { text.split_whitespace().collect() };
        let leak = |text: &str| words(String::from(text).leak());
        let (b, o, t) = (leak(base), leak(ours), leak(theirs));
        let show = |o: &[&str], t: &[&str], chunks: Vec<Chunk>| {
            let one = |chunk| match chunk {
                Chunk::Ours(range) => o[range].join(" "),
                Chunk::Theirs(range) => t[range].join(" "),
                Chunk::Conflict { ours, theirs } => format!("<{}|{}>", o[ours].join(" "), t[theirs].join(" ")),
            };
            chunks.into_iter().map(one).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(show(&o, &t, three_way(&b, &o, &t)), expected, "{base}: {ours} and {theirs}");
    }

    #[test]
    fn edits_of_different_items_are_all_made() {
        check("a b c", "a b c", "a b c", "a b c");
        check("a b c", "A b c", "a b C", "A b C");
        check("a b c", "A b c", "a B c", "A B c");
        check("a b c", "b c", "a b", "b");
        check("a b c", "a x b c", "a b y c", "a x b y c");
        check("a b", "A b", "a n b", "A n b");
        check("a b", "a b n", "a", "a n");
        check("a b", "A b", "A b", "A b");
        check("", "x", "", "x");
    }

    #[test]
    fn edits_of_one_place_meet() {
        check("a b c", "a X c", "a Y c", "a <X|Y> c");
        check("a b c", "a c", "a Y c", "a <|Y> c");
        check("a", "a x", "a y", "a <x|y>");
        check("a", "a x", "a x y", "a x <|y>");
        check("a b", "A1 A2 b", "a n b", "<A1 A2|a n> b");
        check("a b c d", "a X d", "a b Y d", "a <X|b Y> d");
        check("", "x", "y", "<x|y>");
    }
}
