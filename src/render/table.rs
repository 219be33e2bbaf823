//! Columns for a terminal or a pipe.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::plain::{clean_line, is_printable_ascii, line_of};

/// Rows of cells under a heading; columns that may shrink are cut to fit.
#[derive(Debug, Default)]
pub struct Table<'t> {
    heads: Vec<Cow<'static, str>>,
    rows: Vec<Vec<Cow<'t, str>>>,
    shrink: Vec<(usize, usize)>,
    /// Every column is shown, whether it holds something or not.
    whole: bool,
}

impl<'t> Table<'t> {
    /// A table whose column `shrink` (from 0) is cut when the rows are too wide.
    pub fn new(heads: &[&'static str], shrink: usize) -> Self {
        let heads = heads.iter().map(|head| Cow::Borrowed(*head)).collect();
        Self { heads, rows: Vec::new(), shrink: vec![(shrink, 16)], whole: false }
    }

    /// A table of columns nobody knows beforehand: all are shown, and the widest are cut first.
    pub fn of(heads: Vec<String>) -> Self {
        let heads = heads.iter().map(|head| Cow::Owned(clean_line(head))).collect();
        Self { heads, rows: Vec::new(), shrink: Vec::new(), whole: true }
    }

    /// Which columns are cut when the rows are too wide, in this order, each down to so many columns at the most.
    #[must_use]
    pub fn shrinking(mut self, shrink: &[(usize, usize)]) -> Self {
        self.shrink = shrink.to_vec();
        self
    }

    /// Adds a row; cells are made safe for a terminal.
    pub fn row<C: Into<Cow<'t, str>>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(|cell| line_of(cell.into())).collect());
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, each at most `width` columns where the shrinking column allows; empty columns are left out.
    pub fn lines(&self, width: usize) -> Vec<String> {
        let used: Vec<usize> = (0..self.heads.len())
            .filter(|i| self.whole || self.rows.iter().any(|row| row.get(*i).is_some_and(|c| !c.is_empty())))
            .collect();
        let width_of = |row: &[Cow<'_, str>], i: usize| row.get(i).map_or(0, |cell| columns(cell));
        let mut widths: Vec<usize> = used
            .iter()
            .map(|i| self.rows.iter().map(|row| width_of(row, *i)).max().unwrap_or(0).max(columns(&self.heads[*i])))
            .collect();
        let mut over = (widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)).saturating_sub(width);
        let mut widest: Vec<(usize, usize)> = used.iter().map(|i| (*i, 16)).collect();
        widest.sort_by_key(|(i, _)| std::cmp::Reverse(widths.get(*i)));
        for (column, least) in if self.whole { &widest } else { &self.shrink } {
            if let Some(at) = used.iter().position(|i| i == column) {
                let cut = over.min(widths[at].saturating_sub(*least));
                widths[at] -= cut;
                over -= cut;
            }
        }
        let heads = line(used.iter().map(|i| &*self.heads[*i]), &widths);
        let rows =
            self.rows.iter().map(|row| line(used.iter().map(|i| row.get(*i).map_or("", |cell| &**cell)), &widths));
        std::iter::once(heads).chain(rows).collect()
    }
}

/// Cells side by side, each at its width.
fn line<'a>(cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
    let mut line = String::with_capacity(widths.iter().map(|width| width + 2).sum());
    for (i, (cell, width)) in cells.zip(widths).enumerate() {
        line.push_str(if i == 0 { "" } else { "  " });
        put(&mut line, cell, *width);
    }
    line.truncate(line.trim_end().len());
    line
}

/// How many columns a text takes.
fn columns(text: &str) -> usize {
    if is_printable_ascii(text) { text.len() } else { text.width() }
}

/// The text at exactly `width` columns: padded, or cut with an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    let mut out = String::new();
    put(&mut out, text, width);
    out
}

/// Adds the text at exactly `width` columns.
fn put(out: &mut String, text: &str, width: usize) {
    let mut used = columns(text);
    if used <= width {
        out.push_str(text);
    } else {
        used = 0;
        for c in text.chars() {
            let wide = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
            if used + wide + 1 > width {
                break;
            }
            out.push(c);
            used += wide;
        }
        out.push('…');
        used += 1;
    }
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
}
