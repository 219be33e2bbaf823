//! Numbers as sentences want them.

/// `1 problem`, `3 problems`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// `is` or `are`, `was` or `were`, by number.
pub(super) fn verb<'a>(n: usize, one: &'a str, many: &'a str) -> &'a str {
    if n == 1 { one } else { many }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Seconds as days with one decimal, rounded half up: `3.6`.
pub(super) fn days(seconds: i64) -> String {
    let tenths = (seconds.max(0) + 4_320) / 8_640;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The median by nearest rank, of sorted values.
pub(super) fn median(sorted: &[i64]) -> Option<i64> {
    sorted.get(sorted.len().div_ceil(2).checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_nearest_rank() {
        assert_eq!(median(&[15, 20, 35, 40, 50]), Some(35));
        assert_eq!(median(&[3, 6, 7, 8, 8, 10, 13, 15, 16, 20]), Some(8));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn days_have_one_decimal() {
        assert_eq!(days(6 * 3_600), "0.3");
        assert_eq!(days(92 * 3_600), "3.8");
        assert_eq!(days(78 * 3_600), "3.3");
    }

    #[test]
    fn lists_read_as_people_write_them() {
        let items: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(and(&items), "a, b and c");
        assert_eq!(and(&items[..2]), "a and b");
    }
}
