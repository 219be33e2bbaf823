//! The names nearest to a misspelt one: fields of a query, slugs, keys.

/// Longer words are not compared: nobody misspells one name for that long, and the comparison is quadratic.
const LONGEST: usize = 64;

/// At most three `candidates` that `word` may have been meant as: those with the fewest slips.
///
/// Counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment, Damerau 1964), blind to
/// case. One slip is forgiven in a word of up to four characters, two from five, three from eight. A candidate that
/// continues the word (three characters or more) counts as one slip away.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let wanted = fold(word);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return Vec::new();
    }
    let forgiven = ((wanted.len() + 1) / 3).clamp(1, 3);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let folded = fold(candidate);
            let continued = wanted.len() >= 3 && folded.starts_with(&wanted);
            // Every letter more or less is a slip.
            if folded.len() > LONGEST || (!continued && folded.len().abs_diff(wanted.len()) > forgiven) {
                return None;
            }
            let slips = distance(&wanted, &folded);
            let slips = if continued { slips.min(1) } else { slips };
            (slips <= forgiven && slips < wanted.len()).then_some((slips, candidate))
        })
        .collect();
    near.sort();
    near.dedup();
    let fewest = near.first().map_or(0, |(slips, _)| *slips);
    near.retain(|(slips, _)| *slips == fewest);
    near.into_iter().take(3).map(|(_, candidate)| candidate.to_owned()).collect()
}

fn fold(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment, Damerau 1964).
pub fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = last;
        last = row;
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, candidates: &[&str], expected: &[&str]) {
        assert_eq!(nearest(word, candidates.iter().copied()), expected, "{word}");
    }

    #[test]
    fn slips_of_the_finger_find_their_name() {
        let fields = ["status", "customer", "topic", "owner", "opened", "older", "label", "is"];
        check("topci", &fields, &["topic"]);
        check("Staus", &fields, &["status"]);
        check("custmoer", &fields, &["customer"]);
        check("onwer", &fields, &["owner"]);
        check("labels", &fields, &["label"]);
        check("cust", &fields, &["customer"]);
        check("si", &fields, &["is"]);
        check("OPENED", &fields, &["opened"]);
    }

    #[test]
    fn far_names_are_not_offered() {
        check("banana", &["status", "topic"], &[]);
        check("x", &["y", "is"], &[]);
        check("", &["a"], &[]);
        check(&"a".repeat(100), &["a"], &[]);
        check("word", &[&"w".repeat(100)], &[]);
    }

    #[test]
    fn only_the_nearest_are_offered_and_three_at_most() {
        check("Teams", &["seams", "teams", "beams"], &["teams"]);
        check("teams", &["seams", "beams", "reams", "team", "term"], &["beams", "reams", "seams"]);
        check("stat", &["status", "state", "stem"], &["state", "status"]);
    }

    #[test]
    fn letters_outside_ascii_count_as_one() {
        check("munchen", &["münchen"], &["münchen"]);
    }
}
