//! Text from outside made safe for a terminal.

use std::borrow::Cow;

use crate::record::plain::is_hidden;
pub use crate::record::plain::{clean, clean_line, is_printable_ascii, line_of};

/// What is about to be written to a terminal: as [`clean`], but with our own colours.
///
/// The last door: every text is made safe where it is put into words, but not what data holds as data.
pub fn for_terminal(text: &str) -> Cow<'_, str> {
    let acts = |c: char| is_hidden(c) && c != '\n' && c != '\t';
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(acts) {
        out.push_str(&rest[..at]);
        let colour = colour_at(&rest[at..]);
        out.push_str(colour);
        rest = &rest[at..];
        let passed = if colour.is_empty() { rest.chars().next().map_or(0, char::len_utf8) } else { colour.len() };
        rest = &rest[passed..];
    }
    Cow::Owned(out + rest)
}

/// How our own words look: plain again, bold, dim, underlined, red, green, yellow (SGR, ECMA-48). Others conceal what is written, or
/// write it in the colour of the ground.
const LOOKS: [&str; 7] = ["0", "1", "2", "4", "31", "32", "33"];

/// The sequence at the start of a text that sets one of our looks, and nothing else; "" where there is none.
fn colour_at(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return "" };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if LOOKS.contains(&&rest[..length]) && rest[length..].starts_with('m') { &text[..length + 3] } else { "" }
}

/// Breaks text at spaces so that no line is wider than `width` columns, where words allow; line ends stay.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let mut current = String::new();
        for word in line.split(' ') {
            let wide = unicode_width::UnicodeWidthStr::width(current.as_str());
            if !current.is_empty() && wide + 1 + unicode_width::UnicodeWidthStr::width(word) > width {
                out.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        out.push(current);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_colours_and_nothing_else_that_acts() {
        assert_eq!(for_terminal("\u{1b}[1m\u{1b}[31mred\u{1b}[0m\tü\n"), "\u{1b}[1m\u{1b}[31mred\u{1b}[0m\tü\n");
        let titled = "\u{1b}]0;owned\u{7}a\u{1b}[2Jb\u{9b}31mc\rd\u{1b}[0mé\u{202e}\u{1b}[1";
        assert_eq!(for_terminal(titled), "]0;owneda[2Jb31mcd\u{1b}[0mé[1");
        // What is concealed, black or blinking is not ours.
        assert_eq!(
            for_terminal("a\u{1b}[8mb\u{1b}[30mc\u{1b}[1;5md\u{1b}[38;5;0me\u{1b}[m"),
            "a[8mb[30mc[1;5md[38;5;0me[m"
        );
        assert!(matches!(for_terminal("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a\n\nb", 7), ["a", "", "b"]);
    }
}
