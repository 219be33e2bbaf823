//! Text from outside made safe for a terminal.

use std::borrow::Cow;

/// The text without control characters (but line ends and tabs), bidirectional overrides and characters without width, so that
/// a record cannot drive the reader's terminal or show other words than it holds.
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || *c == '\t' || !is_hidden(*c)).collect()
}

/// As [`clean`], on one line.
pub fn clean_line(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) {
        // Most texts.
        return text.to_owned();
    }
    let is_break = |c| matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if is_break(c) { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}

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

/// The sequence at the start of a text that sets how letters look (SGR, ECMA-48), and nothing else; "" where there is none.
fn colour_at(text: &str) -> &str {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return "" };
    let length = parameters.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
    if parameters[length..].starts_with('m') { &text[..length + 3] } else { "" }
}

/// Characters that are not seen, or change how others are: controls, directions, line breaks that are none, and what has no width.
///
/// Selectors of variants stay: they choose between forms of the one letter before them.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}')
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
    fn a_record_cannot_drive_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mred\u{202e}x\u{200b}\n"), "a[31mredx\n");
        assert_eq!(clean_line("a\nb"), "a b");
        assert_eq!(clean_line("a\u{2028}b\u{9b}2Jc\u{e0041}\u{ad}"), "a b2Jc");
    }

    #[test]
    fn a_terminal_gets_colours_and_nothing_else_that_acts() {
        assert_eq!(for_terminal("\u{1b}[1;31mred\u{1b}[0m\tü\n"), "\u{1b}[1;31mred\u{1b}[0m\tü\n");
        let titled = "\u{1b}]0;owned\u{7}a\u{1b}[2Jb\u{9b}31mc\rd\u{1b}[mé\u{202e}\u{1b}[1";
        assert_eq!(for_terminal(titled), "]0;owneda[2Jb31mcd\u{1b}[mé[1");
        assert!(matches!(for_terminal("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a\n\nb", 7), ["a", "", "b"]);
    }
}
