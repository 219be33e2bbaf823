//! Text from outside made safe for a terminal.

/// The text without control characters (but line ends and tabs), bidirectional overrides and zero-width characters, so that
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
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).filter(|c| !is_hidden(*c)).collect()
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{061C}')
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
    }

    #[test]
    fn long_lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a\n\nb", 7), ["a", "", "b"]);
    }
}
