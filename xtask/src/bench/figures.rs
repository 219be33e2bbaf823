//! What was measured, and what it is held against. Pure: figures in, verdicts out.

use std::collections::BTreeMap;

/// What is known of one measured command.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Figures {
    /// Wall time of each warm run in milliseconds.
    pub(super) warm_ms: Vec<f64>,
    /// The same with an empty page cache before each run.
    pub(super) cold_ms: Vec<f64>,
    /// The most memory one run held, in KiB.
    pub(super) peak_kib: Option<u64>,
    /// Why there are no figures, or what to know about them.
    pub(super) note: String,
}

/// The figures of a run, by the row's name.
pub(super) type Rows = BTreeMap<String, Figures>;

impl Figures {
    /// The median of the warm runs in milliseconds.
    pub(super) fn warm(&self) -> Option<f64> {
        median(&self.warm_ms)
    }

    /// The median of the cold runs in milliseconds.
    pub(super) fn cold(&self) -> Option<f64> {
        median(&self.cold_ms)
    }
}

/// The middle value, or the mean of the two in the middle; nothing of nothing.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        count if count % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

/// What a row's median is held against.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Against {
    /// So many times the median of another row of the same run.
    Row(f64, &'static str),
    /// So many times a row's median on the desk of 10,000.
    TenThousand(f64, &'static str),
    /// So many milliseconds more than another row's median.
    MillisecondsOver(f64, &'static str),
    /// Less than so many MB of memory, whatever the time.
    Megabytes(f64),
}

/// A bound on one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bound {
    pub(super) row: &'static str,
    pub(super) against: Against,
    /// The smaller factor it aims at, where that is another.
    pub(super) aim: Option<f64>,
}

/// How a bound came out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub(super) bound: Bound,
    /// The figure in the bound's own unit: a factor, milliseconds or MB.
    pub(super) measured: Option<f64>,
}

impl Bound {
    /// The most the figure may be.
    pub(super) fn most(&self) -> f64 {
        match self.against {
            Against::Row(most, _)
            | Against::TenThousand(most, _)
            | Against::MillisecondsOver(most, _)
            | Against::Megabytes(most) => most,
        }
    }

    /// The bound in words: `1.5 x fossil: show`.
    pub(super) fn words(&self) -> String {
        let words = match self.against {
            Against::Row(most, row) => format!("{most} x {row}"),
            Against::TenThousand(most, row) => format!("{most} x {}", at_ten_thousand(row)),
            Against::MillisecondsOver(most, row) => format!("{most} ms over {row}"),
            Against::Megabytes(most) => format!("{most} MB"),
        };
        self.aim.map_or(words.clone(), |aim| format!("{words}, aiming at {aim}"))
    }

    /// Holds it against the figures of this run.
    pub(super) fn judge(self, rows: &Rows) -> Verdict {
        let warm = |row: &str| rows.get(row).and_then(Figures::warm);
        let own = warm(self.row);
        let pair = |other: Option<f64>, f: fn(f64, f64) -> f64| own.zip(other).map(|(own, other)| f(own, other));
        let measured = match self.against {
            Against::Row(_, other) => pair(warm(other), |own, other| own / other),
            Against::TenThousand(_, other) => pair(warm(&at_ten_thousand(other)), |own, other| own / other),
            Against::MillisecondsOver(_, other) => pair(warm(other), |own, other| own - other),
            Against::Megabytes(_) => rows.get(self.row).and_then(|row| row.peak_kib).map(|kib| kib as f64 / 1_024.0),
        };
        Verdict { bound: self, measured }
    }
}

impl Verdict {
    /// Whether it holds; nothing where one of the two was not measured.
    pub(super) fn holds(&self) -> Option<bool> {
        self.measured.map(|measured| measured <= self.bound.most())
    }
}

/// Rows that only read; each is held against `git status` too.
pub(super) const READS: &[&str] =
    &["list open", "list filter", "list word", "search", "search rare", "show", "history", "digest"];
/// The peer's row for each of ours that has a bound against it, with the bound and what it aims at.
const PEERS: &[(&str, &str, f64, Option<f64>)] = &[
    ("list open", "fossil: list open", 1.0, None),
    ("list filter", "fossil: list filter", 1.0, None),
    ("search", "fossil: search", 1.0, None),
    ("search rare", "fossil: search rare", 1.0, None),
    ("show", "fossil: show", 1.5, Some(1.0)),
    ("history", "fossil: history", 1.5, Some(1.0)),
];
const WRITES: &[&str] = &["create", "set"];

/// The row of a question to the smaller desk.
pub(super) fn at_ten_thousand(row: &str) -> String {
    format!("{row} at 10,000")
}

/// The bounds for a desk of `tickets` tickets.
pub(super) fn bounds(tickets: usize) -> Vec<Bound> {
    let bound = |row, against| Bound { row, against, aim: None };
    let mut out = Vec::new();
    if tickets <= 10_000 {
        out.extend(PEERS.iter().map(|(row, peer, most, aim)| Bound {
            row,
            against: Against::Row(*most, peer),
            aim: *aim,
        }));
        out.extend(READS.iter().map(|row| bound(row, Against::Row(0.5, "git status"))));
        out.extend(WRITES.iter().map(|row| bound(row, Against::Row(0.6, "git add, commit, fsync"))));
    } else {
        // On as many open tickets as the smaller desk has.
        out.push(bound("list open, few-open", Against::TenThousand(1.3, "list open")));
        out.push(bound("show, few-open", Against::TenThousand(1.3, "show")));
        out.push(bound("history, few-open", Against::TenThousand(1.3, "history")));
        out.push(bound("search, few-open", Against::TenThousand(2.0, "search")));
        // On ten times as many.
        out.push(bound("show", Against::TenThousand(1.3, "show")));
        out.push(bound("history", Against::TenThousand(1.3, "history")));
        out.push(bound("search", Against::TenThousand(2.0, "search")));
    }
    out.push(bound("after one commit", Against::MillisecondsOver(10.0, "after one commit, again")));
    out.push(Bound { row: "first index", against: Against::Row(1.5, "git log -p"), aim: Some(1.0) });
    out.push(bound("first index", Against::Megabytes(300.0)));
    out.extend(READS.iter().chain(WRITES).map(|row| bound(row, Against::Megabytes(300.0))));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[(&str, f64)]) -> Rows {
        let figures = |ms: f64| Figures { warm_ms: vec![ms], peak_kib: Some(1_024 * 400), ..Figures::default() };
        rows.iter().map(|(name, ms)| ((*name).to_owned(), figures(*ms))).collect()
    }

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 100.0]), Some(3.0));
    }

    #[test]
    fn a_bound_holds_up_to_its_factor_and_is_open_without_the_other_figure() {
        let bound = Bound { row: "show", against: Against::Row(1.5, "fossil: show"), aim: None };
        let judge = |ours: f64| bound.judge(&rows(&[("show", ours), ("fossil: show", 10.0)]));
        assert_eq!(judge(15.0).holds(), Some(true));
        assert_eq!(judge(15.1).holds(), Some(false));
        assert_eq!(bound.judge(&rows(&[("show", 1.0)])).holds(), None);
    }

    #[test]
    fn figures_are_held_against_the_smaller_desk_a_row_before_and_memory() {
        let rows = rows(&[("show", 13.0), ("list open", 5.0), ("show at 10,000", 10.0)]);
        let judge = |row, against| Bound { row, against, aim: None }.judge(&rows);
        assert_eq!(judge("show", Against::TenThousand(1.3, "show")).measured, Some(1.3));
        assert_eq!(judge("show", Against::MillisecondsOver(7.0, "list open")).holds(), Some(false));
        assert_eq!(judge("show", Against::Megabytes(300.0)).holds(), Some(false));
    }

    #[test]
    fn each_size_has_its_own_bounds_and_each_bound_is_on_a_row_that_there_is() {
        let against_peer = |tickets| bounds(tickets).iter().filter(|bound| bound.words().contains("fossil")).count();
        assert_eq!((against_peer(10_000), against_peer(100_000)), (6, 0));
        assert!(bounds(100_000).iter().any(|bound| bound.row == "list open, few-open"));
    }
}
