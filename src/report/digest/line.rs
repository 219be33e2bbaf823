//! Sentences that know which of their words came from outside.

use serde::Serialize;

/// Words of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// The words.
    pub text: String,
    /// They stand out.
    pub strong: bool,
    /// They come from a record and not from us, so that nothing in them may act as markup.
    pub outside: bool,
}

/// A sentence, or an item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Line {
    /// The words in order.
    pub spans: Vec<Span>,
}

impl Line {
    /// A line of our own words.
    pub fn of(text: impl Into<String>) -> Self {
        Self::default().say(text)
    }

    /// More of our own words.
    #[must_use]
    pub fn say(self, text: impl Into<String>) -> Self {
        self.add(text.into(), false, false)
    }

    /// Words from a record.
    #[must_use]
    pub fn quote(self, text: &str) -> Self {
        self.add(one_line(text), false, true)
    }

    /// Words from a record that stand out, as a title does.
    #[must_use]
    pub fn title(self, text: &str) -> Self {
        self.add(one_line(text), true, true)
    }

    fn add(mut self, text: String, strong: bool, outside: bool) -> Self {
        if !text.is_empty() {
            self.spans.push(Span { text, strong, outside });
        }
        self
    }
}

/// The words without markup.
impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.spans.iter().try_for_each(|span| f.write_str(&span.text))
    }
}

/// As many words as a reader of a digest wants of a longer text.
const LONGEST: usize = 240;

/// Text of several lines as one, cut at a word when it is long.
fn one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if joined.chars().count() <= LONGEST {
        return joined;
    }
    let mut cut: String = joined.chars().take(LONGEST).collect();
    if let Some(space) = cut.rfind(' ') {
        cut.truncate(space);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_word() {
        let line = Line::default().quote(&"word ".repeat(80)).to_string();
        assert!(line.ends_with("word…") && line.chars().count() <= LONGEST + 1);
        assert_eq!(Line::of("a ").quote("b\n c").to_string(), "a b c");
    }
}
