//! Views as text for a terminal: lines of at most the given width, each with a tone.

use unicode_width::UnicodeWidthStr;

use super::plain::{clean, clean_line, wrap};
use crate::report::record_view::{KeyWords, RecordView};
use crate::report::ticket_view::{MessageView, TicketView};

/// How a line stands out, where the reader's terminal can show it. Nothing depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As any other.
    Plain,
    /// A heading.
    Strong,
    /// Beside the point.
    Dim,
    /// Late or wrong.
    Pressing,
    /// What the customer wrote or heard.
    Public,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// How it stands out.
    pub tone: Tone,
    /// The text, safe for a terminal.
    pub text: String,
}

/// Lines in the making.
#[derive(Debug, Default)]
pub struct Lines {
    lines: Vec<Line>,
    width: usize,
}

impl Lines {
    /// No lines yet, of at most `width` columns.
    pub fn new(width: usize) -> Self {
        Self { lines: Vec::new(), width }
    }

    /// Adds a line as it is.
    pub fn add(&mut self, tone: Tone, text: &str) {
        self.lines.push(Line { tone, text: clean_line(text).trim_end().to_owned() });
    }

    /// Adds an empty line, where none stands already.
    pub fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.add(Tone::Plain, "");
        }
    }

    /// Adds text wrapped to the width behind `indent` columns.
    pub fn wrapped(&mut self, tone: Tone, indent: usize, text: &str) {
        let width = self.width.saturating_sub(indent).max(20);
        for line in wrap(&clean(text), width) {
            self.add(tone, &format!("{}{line}", " ".repeat(indent)));
        }
    }

    /// Adds a word behind `indent` columns with its lines beside it, wrapped under their own beginning.
    pub fn beside(&mut self, indent: usize, word: &str, column: usize, lines: &[String]) {
        let start = indent + column + 2;
        let width = self.width.saturating_sub(start).max(20);
        let word = clean_line(word);
        let mut first = true;
        for line in lines.iter().flat_map(|line| wrap(&clean(line), width)) {
            let left = if first { word.as_str() } else { "" };
            let pad = column.saturating_sub(left.width());
            self.add(Tone::Plain, &format!("{}{left}{}  {line}", " ".repeat(indent), " ".repeat(pad)));
            first = false;
        }
    }

    /// The lines.
    pub fn done(self) -> Vec<Line> {
        self.lines
    }
}

/// A ticket with its conversation.
pub fn ticket(view: &TicketView, width: usize) -> Vec<Line> {
    let mut out = Lines::new(width);
    out.wrapped(Tone::Strong, 0, &format!("{}  {}", view.id, view.title));
    out.wrapped(Tone::Plain, 0, &view.status);
    for words in &view.pressing {
        out.wrapped(Tone::Pressing, 0, words);
    }
    if view.uncommitted {
        out.wrapped(Tone::Pressing, 0, &format!("* has edits that are not committed: {}", view.path));
    }
    out.gap();
    let column = view.facts.iter().map(|(word, _)| word.width()).max().unwrap_or(0).min(16);
    for (word, lines) in &view.facts {
        out.beside(2, word, column, lines);
    }
    for said in &view.messages {
        out.gap();
        message(&mut out, said);
    }
    out.done()
}

fn message(out: &mut Lines, view: &MessageView) {
    let mark = if view.uncommitted { "* " } else { "" };
    // The end of the id is enough to name the message in its ticket.
    let end = view.id.rsplit('-').next().unwrap_or_default();
    let tone = if view.public { Tone::Public } else { Tone::Strong };
    out.wrapped(tone, 0, &format!("{mark}{}  {}  [{end}]", view.when, view.head));
    if !view.text.is_empty() {
        out.wrapped(Tone::Plain, 4, &view.text);
    }
    for (part, words) in &view.parts {
        out.beside(4, part, "assessment".len(), std::slice::from_ref(words));
    }
    for (path, there) in &view.attachments {
        let missing = if *there { "" } else { " (the file is not there)" };
        out.wrapped(Tone::Dim, 4, &format!("attached: {path}{missing}"));
    }
    if view.uncommitted {
        out.wrapped(Tone::Dim, 4, "* not committed");
    }
}

/// Any other record.
pub fn record(view: &RecordView, width: usize) -> Vec<Line> {
    let mut out = Lines::new(width);
    out.wrapped(Tone::Strong, 0, format!("{}  {}", view.reference, view.label).trim_end());
    for words in &view.standing {
        out.wrapped(Tone::Plain, 0, words);
    }
    if view.uncommitted {
        out.wrapped(Tone::Pressing, 0, &format!("* has edits that are not committed: {}", view.path));
    }
    out.gap();
    let column = view.keys.iter().filter(|(_, words)| matches!(words, KeyWords::Lines(_)));
    let column = column.map(|(word, _)| word.width()).max().unwrap_or(0).min(20);
    for (word, words) in &view.keys {
        if let KeyWords::Lines(lines) = words {
            out.beside(2, word, column, lines);
        }
    }
    for (word, words) in &view.keys {
        if let KeyWords::Prose(text) = words {
            out.gap();
            out.add(Tone::Strong, word);
            out.wrapped(Tone::Plain, 4, text);
        }
    }
    for section in &view.sections {
        out.gap();
        out.add(Tone::Strong, &section.heading);
        for line in &section.lines {
            out.wrapped(Tone::Plain, 4, line);
        }
    }
    out.done()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: Lines) -> Vec<String> {
        lines.done().into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn words_stand_beside_their_lines_and_wrap_below_them() {
        let mut lines = Lines::new(40);
        lines.beside(2, "customer", 9, &["Acme of the long name, in Europe/Berlin".to_owned(), "x".to_owned()]);
        let expected = ["  customer   Acme of the long name, in", "             Europe/Berlin", "             x"];
        assert_eq!(texts(lines), expected);
    }

    #[test]
    fn text_from_outside_cannot_drive_the_terminal() {
        let mut lines = Lines::new(40);
        lines.wrapped(Tone::Plain, 2, "a\u{1b}[2Jb\r\nc");
        assert_eq!(texts(lines), ["  a[2Jb", "  c"]);
    }
}
