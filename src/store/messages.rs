//! Messages of commits as text: of which encoding they are, and which of their lines git leaves out.

use std::borrow::Cow;

use encoding_rs::Encoding;
use gix::bstr::BStr;

use super::code::CodeRepository;

/// How lines begin that git takes out of a message that somebody edits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentMark {
    /// With this text.
    Text(String),
    /// With a sign that git chooses for each message, so that no line of it begins alike.
    Auto,
}

/// The signs that git chooses from, in its order.
const CHOICES: &str = "#;@!$%^&|:";

/// What stands behind the comment mark on the line from which git drops everything.
const SCISSORS: &str = " ------------------------ >8 ------------------------";

impl CommentMark {
    /// The message as git will keep it. A comment stays as an empty line, so that a line has the number that it has in the
    /// file; what follows the scissors is left out.
    pub fn without_comments(&self, text: &str) -> String {
        let Some(mark) = self.of(text) else { return text.lines().collect::<Vec<_>>().join("\n") };
        let is_cut = |line: &&str| line.strip_prefix(mark.as_str()).is_some_and(|rest| rest.trim_end() == SCISSORS);
        let kept = text.lines().take_while(|line| !is_cut(line));
        kept.map(|line| if line.starts_with(mark.as_str()) { "" } else { line }).collect::<Vec<_>>().join("\n")
    }

    /// The mark in a message; nothing where git chose one and the message has no comment.
    fn of(&self, text: &str) -> Option<String> {
        if let Self::Text(mark) = self {
            return Some(mark.clone());
        }
        // Git puts its comments last, and nothing tells which sign it chose but they.
        let is_mark = |line: &str, choice: char| {
            line.strip_prefix(choice).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
        };
        let scissors = text.lines().find_map(|line| {
            let choice = CHOICES.chars().find(|choice| line.starts_with(*choice))?;
            (line.trim_end().strip_prefix(choice) == Some(SCISSORS)).then_some(choice)
        });
        let last = || text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let found = scissors.or_else(|| CHOICES.chars().find(|choice| is_mark(last(), *choice)));
        found.map(String::from)
    }
}

impl CodeRepository {
    /// How comments begin in messages that are edited in this repository (`core.commentChar`, `core.commentString`).
    pub fn comment_mark(&self) -> CommentMark {
        let config = self.repo.config_snapshot();
        // Both names are one setting, of which the last one counts.
        let mut found = None;
        for section in config.plumbing().sections_by_name("core").into_iter().flatten() {
            if section.header().subsection_name().is_some() {
                continue;
            }
            for name in section.value_names() {
                let name = name.to_string();
                if name.eq_ignore_ascii_case("commentChar") || name.eq_ignore_ascii_case("commentString") {
                    found = section.value(&name).map(|value| value.to_string()).or(found);
                }
            }
        }
        match found.as_deref() {
            Some(auto) if auto.eq_ignore_ascii_case("auto") => CommentMark::Auto,
            Some(text) if !text.is_empty() => CommentMark::Text(text.to_owned()),
            _ => CommentMark::Text("#".to_owned()),
        }
    }

    /// A message that is not committed yet, of the encoding in which this repository commits (`i18n.commitEncoding`).
    pub fn message_text(&self, bytes: &[u8]) -> String {
        let encoding = self.repo.config_snapshot().string("i18n.commitEncoding");
        text(bytes, encoding.as_ref().map(|name| name.as_ref())).into_owned()
    }
}

/// The text of a message or name in the encoding that its commit names; UTF-8 where it names none, or one that nobody knows. What is
/// no text in it is read with signs in its place.
pub(super) fn text<'b>(bytes: &'b [u8], encoding: Option<&BStr>) -> Cow<'b, str> {
    match encoding.and_then(|name| named(name.as_ref())) {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0,
        None => String::from_utf8_lossy(bytes),
    }
}

/// A text in an encoding of that name; nothing where it cannot be said in it.
pub(super) fn bytes(text: &str, encoding: &[u8]) -> Option<Vec<u8>> {
    let (bytes, _, is_lossy) = named(encoding)?.encode(text);
    (!is_lossy).then(|| bytes.into_owned())
}

/// An encoding by the name that git gives to iconv, which knows a few by other names than the Web.
fn named(name: &[u8]) -> Option<&'static Encoding> {
    let label: &[u8] = match name.to_ascii_lowercase().as_slice() {
        b"latin9" | b"latin-9" => b"iso-8859-15",
        b"cp932" => b"windows-31j",
        b"cp936" => b"gbk",
        b"cp949" => b"windows-949",
        b"cp950" => b"big5",
        _ => name,
    };
    Encoding::for_label(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_by_the_mark_that_is_set() {
        let check = |mark: CommentMark, text: &str, expected: &str| assert_eq!(mark.without_comments(text), expected);
        let mark = |text: &str| CommentMark::Text(text.to_owned());
        check(mark("#"), "a\n# b\n#c\nd\n", "a\n\n\nd");
        check(mark(";"), "a\n# b\n; c\n; ------------------------ >8 ------------------------\nd\n", "a\n# b\n");
        check(mark("//"), "a\n// b\n/ c\n", "a\n\n/ c");
        check(
            mark(";"),
            "a\n# ------------------------ >8 ------------------------\nd",
            "a\n# ------------------------ >8 ------------------------\nd",
        );
    }

    #[test]
    fn a_mark_that_git_chose_is_told_by_its_own_comments() {
        let check = |text: &str, expected: &str| assert_eq!(CommentMark::Auto.without_comments(text), expected);
        check("# title\nb\n; Please enter\n;\n", "# title\nb\n\n");
        check("a\n# Please enter\n#\tmodified: x\n", "a\n\n");
        check("# title\nb\n", "# title\nb");
        check("a\n@ ------------------------ >8 ------------------------\n@ x\ndiff\n", "a");
        // Somebody called by name is no comment.
        check("a\n\n@team: look\n", "a\n\n@team: look");
    }

    #[test]
    fn messages_are_read_in_their_encoding() {
        let check = |bytes: &[u8], encoding: Option<&str>, expected: &str| {
            assert_eq!(text(bytes, encoding.map(BStr::new)), expected);
        };
        check(b"L\xf6st", Some("ISO-8859-1"), "Löst");
        check(b"\x93x\x94 \x80", Some("windows-1252"), "“x” €");
        check(b"5 \xa4", Some("iso8859-15"), "5 €");
        check(b"5 \xa4", Some("latin9"), "5 €");
        check(b"\xf3\xde\xa3\xd4", Some("KOI8-R"), "Счёт");
        check(b"\xb2\xc1\xb3\xca", Some("EUC-JP"), "価格");
        check(b"\x89\xbf\x8a\x69", Some("CP932"), "価格");
        check(b"\xc4\xe3\xba\xc3", Some("cp936"), "你好");
        check(b"\xb0\xa1\xb0\xdd", Some("cp949"), "가격");
        check("価格".as_bytes(), Some("no such encoding"), "価格");
        assert_eq!(bytes("Löst", b"ISO-8859-1").as_deref(), Some(&b"L\xf6st"[..]));
        assert_eq!(bytes("価格", b"cp932").as_deref(), Some(&b"\x89\xbf\x8a\x69"[..]));
        assert_eq!(bytes("価格", b"latin1"), None);
        check("Löst".as_bytes(), None, "Löst");
        check("Löst".as_bytes(), Some("utf-8"), "Löst");
        check(b"L\xf6st", None, "L\u{fffd}st");
    }
}
