//! Words from outside without what a terminal would act on or a reader not see.
//!
//! Records keep what they were given; this is for what is shown, and for what other programs show, such as a commit's message.

use std::borrow::Cow;

/// The text without control characters (but line ends and tabs), bidirectional overrides and characters without width, so that
/// a record cannot drive the reader's terminal or show other words than it holds.
pub fn clean(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || *c == '\t' || !is_hidden(*c)).collect()
}

/// As [`clean`], on one line.
pub fn clean_line(text: &str) -> String {
    line_of(Cow::Borrowed(text)).into_owned()
}

/// As [`clean_line`]; most texts need no change, and are given back.
pub fn line_of(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_printable_ascii(&text) {
        return text;
    }
    let is_break = |c| matches!(c, '\n' | '\t' | '\u{2028}' | '\u{2029}');
    text.chars().map(|c| if is_break(c) { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}

/// Whether there is nothing but what ASCII prints, each sign as wide as any other.
pub fn is_printable_ascii(text: &str) -> bool {
    // Without a way out of the loop it runs over many bytes at once.
    text.bytes().fold(true, |all, byte| all & (b' '..0x7f).contains(&byte))
}

/// Characters that are not seen, or change how others are: controls, directions, line breaks that are none, and what has no width.
///
/// Selectors of variants stay: they choose between forms of the one letter before them.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}')
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
}
