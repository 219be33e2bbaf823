//! The order of what both sides have: keys of a record, items of a list, bound messages.

use std::cmp::Ordering;

/// All names of both sides. The order is ours, unless only theirs changed it; what is new on one side stands where that side
/// has it, above its next neighbour, and among what else is new there by `rank`. So it comes out the same whichever side is
/// ours.
pub(super) fn arrange<'n>(
    base: &[&str],
    ours: &[&'n str],
    theirs: &[&'n str],
    rank: impl Fn(&str, &str) -> Ordering,
) -> Vec<&'n str> {
    let is_shared = |name: &&str| base.contains(name) && ours.contains(name) && theirs.contains(name);
    let shared = |names: &[&'n str]| -> Vec<&'n str> { names.iter().copied().filter(is_shared).collect() };
    let was: Vec<&str> = base.iter().copied().filter(is_shared).collect();
    let moved_by_theirs = shared(ours) == was && shared(theirs) != was;
    let (frame, other) = if moved_by_theirs { (theirs, ours) } else { (ours, theirs) };
    let mut out = frame.to_vec();
    for (i, name) in other.iter().enumerate() {
        if out.contains(name) {
            continue;
        }
        let next = other[i + 1..].iter().find_map(|next| out.iter().position(|there| there == next));
        let mut at = next.unwrap_or(out.len());
        while at > 0 && !base.contains(&out[at - 1]) && rank(out[at - 1], name) == Ordering::Greater {
            at -= 1;
        }
        out.insert(at, name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, ours: &str, theirs: &str, expected: &str) {
        let words = |text: &'static str| -> Vec<&'static str> { text.split_whitespace().collect() };
        assert_eq!(
            arrange(
                &words(String::from(base).leak()),
                &words(String::from(ours).leak()),
                &words(String::from(theirs).leak()),
                |a, b| a.cmp(b)
            )
            .join(" "),
            expected
        );
    }

    #[test]
    fn what_is_new_stands_above_its_next_neighbour() {
        check("a z", "a z", "a n z", "a n z");
        check("a z", "a m z", "a n z", "a m n z");
        check("a z", "a n z", "a m z", "a m n z");
        check("a z", "a z", "a z n o", "a z n o");
        check("", "b d", "a c", "a b c d");
    }

    #[test]
    fn whoever_changed_the_order_has_it() {
        check("a b c", "a b c", "c a b", "c a b");
        check("a b c", "b a c", "a b c", "b a c");
        check("a b c", "b a n c", "c b a", "b a n c");
    }
}
