//! Columns for a terminal or a pipe.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::plain::clean_line;

/// Rows of cells under a heading; columns that may shrink are cut to fit.
#[derive(Debug, Default)]
pub struct Table {
    heads: Vec<Cow<'static, str>>,
    rows: Vec<Vec<String>>,
    shrink: Vec<(usize, usize)>,
    /// Every column is shown, whether it holds something or not.
    whole: bool,
}

impl Table {
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
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| clean_line(&cell)).collect());
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
        let cell = |row: &Vec<String>, i: usize| row.get(i).cloned().unwrap_or_default();
        let mut widths: Vec<usize> = used
            .iter()
            .map(|i| self.rows.iter().map(|row| cell(row, *i).width()).max().unwrap_or(0).max(self.heads[*i].width()))
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
        let line = |cells: Vec<String>| {
            let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| fit(cell, *width)).collect();
            padded.join("  ").trim_end().to_owned()
        };
        let mut out = vec![line(used.iter().map(|i| self.heads[*i].to_string()).collect())];
        out.extend(self.rows.iter().map(|row| line(used.iter().map(|i| cell(row, *i)).collect())));
        out
    }
}

/// The text at exactly `width` columns: padded, or cut with an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    let wide = text.width();
    if wide <= width {
        return format!("{text}{}", " ".repeat(width - wide));
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        out.push(c);
        used += w;
    }
    out.push('…');
    format!("{out}{}", " ".repeat(width.saturating_sub(used + 1)))
}
