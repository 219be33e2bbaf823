//! The figures for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use super::figures::{Figures, READS, Rows, Verdict};
use crate::Failure;

/// The row each of ours is shown beside, per column.
const BESIDE: &[(&str, &str, &str)] = &[
    ("list open", "fossil: list open", "task: list open"),
    ("list filter", "fossil: list filter", "task: list filter"),
    ("search", "fossil: search", "task: search"),
    ("search rare", "fossil: search rare", "task: search rare"),
    ("show", "fossil: show", "task: show"),
    ("history", "fossil: history", ""),
    ("create", "fossil: create", "task: create"),
    ("set", "fossil: set", "task: set"),
];

/// The table and how the bounds came out.
pub(super) fn text(tickets: usize, rows: &Rows, verdicts: &[Verdict]) -> String {
    let mut out = format!("{tickets} tickets; medians of whole processes in ms, memory in MB\n\n");
    let head = ["", "warm", "cold", "peak", "/ fossil", "/ task", "/ git status"];
    line(&mut out, head.map(str::to_owned), "");
    let ratio = |own: &Figures, other: &str| {
        let pair = own.warm().zip(rows.get(other).and_then(Figures::warm));
        pair.map_or(String::new(), |(own, other)| format!("{:.2}", own / other))
    };
    for (name, figures) in ordered(rows) {
        let beside = BESIDE.iter().find(|beside| beside.0 == name);
        let status = if READS.contains(&name.as_str()) { "git status" } else { "" };
        let number = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.1}"));
        let cells = [
            name.clone(),
            number(figures.warm()),
            number(figures.cold()),
            number(figures.peak_kib.map(|kib| kib as f64 / 1_024.0)),
            ratio(figures, beside.map_or("", |beside| beside.1)),
            ratio(figures, beside.map_or("", |beside| beside.2)),
            ratio(figures, status),
        ];
        line(&mut out, cells, &figures.note);
    }
    out.push_str("\nBounds\n\n");
    for verdict in verdicts {
        let measured = verdict.measured.map_or_else(|| "-".to_owned(), |measured| format!("{measured:.2}"));
        let holds = match verdict.holds() {
            Some(true) => "holds",
            Some(false) => "does not hold",
            None => "not measured",
        };
        // Writing to a string does not fail.
        let _ =
            writeln!(out, "  {:24}{:>10}  at most {:44}{holds}", verdict.bound.row, measured, verdict.bound.words());
    }
    out
}

fn line(out: &mut String, cells: [String; 7], note: &str) {
    let mut text = format!("  {:32}", cells[0]);
    cells[1..].iter().for_each(|cell| text.push_str(&format!("{cell:>12}")));
    out.push_str(format!("{text}  {note}").trim_end());
    out.push('\n');
}

/// Ours first, in the order of the scenes, then git, then the peers.
fn ordered(rows: &Rows) -> Vec<(&String, &Figures)> {
    let place = |name: &str| {
        let group =
            ["git ", "fossil: ", "task: "].iter().position(|start| name.starts_with(start)).map_or(0, |at| at + 1);
        (group, READS.iter().position(|read| *read == name).unwrap_or(READS.len()))
    };
    let mut out: Vec<(&String, &Figures)> = rows.iter().collect();
    out.sort_by_key(|(name, _)| place(name));
    out
}

/// Everything, for other programs.
pub(super) fn json(tickets: usize, rows: &Rows, verdicts: &[Verdict]) -> Result<String, Failure> {
    let row = |(name, figures): (&String, &Figures)| {
        json!({
            "name": name,
            "warm_ms": figures.warm_ms,
            "cold_ms": figures.cold_ms,
            "warm_median_ms": figures.warm(),
            "cold_median_ms": figures.cold(),
            "peak_kib": figures.peak_kib,
            "note": figures.note,
        })
    };
    let verdict = |verdict: &Verdict| {
        json!({
            "row": verdict.bound.row,
            "bound": verdict.bound.words(),
            "at_most": verdict.bound.most(),
            "measured": verdict.measured,
            "holds": verdict.holds(),
        })
    };
    let whole = json!({
        "tickets": tickets,
        "processors": std::thread::available_parallelism().map_or(1, usize::from),
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "bounds": verdicts.iter().map(verdict).collect::<Vec<_>>(),
    });
    Ok(serde_json::to_string_pretty(&whole)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::bounds;

    #[test]
    fn the_table_shows_ratios_and_says_which_bounds_hold_and_which_were_not_measured() {
        let figures = |ms| Figures { warm_ms: vec![ms], ..Figures::default() };
        let names = [("show", 12.0), ("fossil: show", 10.0), ("git status", 20.0)];
        let rows: Rows = names.into_iter().map(|(name, ms)| (name.to_owned(), figures(ms))).collect();
        let verdicts: Vec<Verdict> = bounds(10_000).into_iter().map(|bound| bound.judge(&rows)).collect();
        let text = text(10_000, &rows, &verdicts);
        let show = text.lines().find(|line| line.trim_start().starts_with("show")).expect("a row");
        assert_eq!(show.split_whitespace().collect::<Vec<_>>(), ["show", "12.0", "1.20", "0.60"]);
        assert!(text.contains("holds") && text.contains("does not hold") && text.contains("not measured"), "{text}");
    }
}
