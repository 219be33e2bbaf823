//! Text from outside made safe to stand in Markdown.

use super::plain::clean_line;

/// The text on one line, with everything that CommonMark or a forge's dialect would act on escaped: no heading, list, link,
/// image, HTML, table or bare address comes out of a title.
pub fn escape(text: &str) -> String {
    let text = clean_line(text);
    let mut out = String::with_capacity(text.len() + 8);
    let start = text.len() - text.trim_start().len();
    let mark = list_mark(&text[start..]).map(|at| start + at);
    for (at, c) in text.char_indices() {
        let special = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '$')
            || mark == Some(at)
            // An address would become a link by itself.
            || c == ':' && text[at..].starts_with("://")
            || c == '.' && ends_with_www(&text[..at])
            || c == '!' && text[at..].starts_with("![");
        if special {
            out.push('\\');
        }
        out.push(c);
        if calls(&text[..at], c, &text[at + c.len_utf8()..]) {
            out.push_str(APART);
        }
    }
    out
}

/// A space of no width, as an entity. A forge looks for names and numbers in the text that Markdown gives, so that a
/// backslash does not keep it from them.
const APART: &str = "&#8203;";

/// Whether a forge would take `c` and what follows for `@name`, which notifies somebody, or for the number of an issue or
/// merge request (`#12`, `!12`, `GH-12`), which then tells of us. An e-mail address is none.
fn calls(before: &str, c: char, after: &str) -> bool {
    let number = after.starts_with(|c: char| c.is_ascii_digit());
    let starts_word = |before: &str| !before.ends_with(char::is_alphanumeric);
    match c {
        '@' => starts_word(before) && after.starts_with(|c: char| c.is_alphanumeric() || c == '_'),
        '#' | '!' => number,
        '-' => {
            let cut = before.len().checked_sub(2).and_then(|at| before.split_at_checked(at));
            number && cut.is_some_and(|(rest, word)| word.eq_ignore_ascii_case("gh") && starts_word(rest))
        }
        _ => false,
    }
}

fn ends_with_www(text: &str) -> bool {
    text.len() >= 3 && text.is_char_boundary(text.len() - 3) && text[text.len() - 3..].eq_ignore_ascii_case("www")
}

/// Where a text that starts like a list item or an underline has the character that makes it one.
fn list_mark(text: &str) -> Option<usize> {
    if text.starts_with(['-', '+', '=']) {
        return Some(0);
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let after = text[digits..].strip_prefix(['.', ')'])?;
    (digits > 0 && (after.is_empty() || after.starts_with(' '))).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_title_acts_as_markup() {
        for (text, expected) in [
            ("plain (T-7k3mqp, Acme): 3.6 days", "plain (T-7k3mqp, Acme): 3.6 days"),
            ("**bold** _it_ `code`", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\`"),
            ("[x](javascript:alert(1))", "\\[x\\](javascript:alert(1))"),
            ("<script> & #1 | ~x~", "\\<script\\> \\& \\#&#8203;1 \\| \\~x\\~"),
            ("@team, (@sam) cc sam@example.org @ 9", "@&#8203;team, (@&#8203;sam) cc sam@example.org @ 9"),
            ("org/code#12, !7 and gh-3, Hugh-3", "org/code\\#&#8203;12, !&#8203;7 and gh-&#8203;3, Hugh-3"),
            ("a\n# b", "a \\# b"),
            ("1. one", "1\\. one"),
            ("- one", "\\- one"),
            ("2.4 is slow", "2.4 is slow"),
            ("see https://evil.example and www.evil.example", "see https\\://evil.example and www\\.evil.example"),
            ("\u{202e}x", "x"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }
}
