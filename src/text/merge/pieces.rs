//! A file cut into its statements, so that a merge can go key by key. Put together again, the pieces are the file.
//!
//! Cuts TOML that is known to be sound; what the pieces mean is not its business.

use toml::de::{DeTable, DeValue};

use crate::text::create::MESSAGES_MARK;

/// A file in pieces.
#[derive(Debug)]
pub(super) struct Cut<'t> {
    /// The record's own keys, then what stands under each header.
    pub(super) sections: Vec<Section<'t>>,
    /// Blank lines and comments after the last statement.
    pub(super) end: &'t str,
}

/// What stands under one header.
#[derive(Debug)]
pub(super) struct Section<'t> {
    /// `""` of the record's own keys; of a bound message its id; else the header and its number.
    pub(super) name: String,
    /// Whether it is a bound message.
    pub(super) is_message: bool,
    /// Blank lines and comments above the header.
    pub(super) lead: &'t str,
    /// The header's line; "" of the record's own keys.
    pub(super) header: &'t str,
    pub(super) pieces: Vec<Piece<'t>>,
    /// All of it but the lead.
    pub(super) text: &'t str,
}

/// A statement, `key = value`, or the mark that ends a ticket's keys.
#[derive(Debug, Clone)]
pub(super) struct Piece<'t> {
    /// The key.
    pub(super) name: String,
    /// Blank lines and comments above.
    pub(super) lead: &'t str,
    /// From the beginning of its line to the end of the value.
    pub(super) statement: &'t str,
    /// What follows on the line: a comment, the line's end.
    pub(super) tail: &'t str,
}

impl<'t> Section<'t> {
    pub(super) fn piece(&self, name: &str) -> Option<&Piece<'t>> {
        self.pieces.iter().find(|piece| piece.name == name)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.pieces.iter().map(|piece| piece.name.as_str()).collect()
    }
}

impl<'t> Cut<'t> {
    pub(super) fn section(&self, name: &str) -> Option<&Section<'t>> {
        self.sections.iter().find(|section| section.name == name)
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.sections.iter().map(|section| section.name.as_str()).collect()
    }
}

/// Cuts a text in which every line has its end.
pub(super) fn cut(text: &str) -> Cut<'_> {
    let mut at = 0;
    let root = Section { name: String::new(), is_message: false, lead: "", header: "", pieces: Vec::new(), text: "" };
    let mut sections = vec![root];
    let mut begins = vec![0];
    let mut ends = Vec::new();
    // Of a table within a bound message: it stays with the message.
    let mut inner = String::new();
    loop {
        let lead = trivia(text, at);
        at += lead.len();
        let line_end = at + text[at..].find('\n').map_or(text.len() - at, |end| end + 1);
        let is_end = at == text.len();
        let header = text[at..line_end].trim();
        if (is_end || header.starts_with('[')) && sections.len() == 1 {
            let (mark, lead) = cut_mark(lead);
            sections[0].pieces.extend(mark);
            ends.push(at - lead.len());
            if is_end {
                return finish(text, sections, &begins, ends, lead);
            }
            sections.push(opened(header, lead, &text[at..line_end]));
            begins.push(at);
        } else if is_end {
            ends.push(at - lead.len());
            return finish(text, sections, &begins, ends, lead);
        } else if header.starts_with('[') {
            let last = sections.len() - 1;
            if sections[last].is_message && header.trim_start_matches('[').trim_start().starts_with("message.") {
                inner = format!("{header} ");
                let piece = Piece {
                    name: header.to_owned(),
                    lead,
                    statement: &text[at..line_end - 1],
                    tail: &text[line_end - 1..line_end],
                };
                sections[last].pieces.push(piece);
                at = line_end;
                continue;
            }
            ends.push(at - lead.len());
            sections.push(opened(header, lead, &text[at..line_end]));
            begins.push(at);
        } else {
            let (name, equals) = key(text, at);
            let end = value_end(text, equals + 1);
            let line_end = end + text[end..].find('\n').map_or(text.len() - end, |end| end + 1);
            let name = format!("{inner}{name}");
            let piece = Piece { name, lead, statement: &text[at..end], tail: &text[end..line_end] };
            if let Some(section) = sections.last_mut() {
                section.pieces.push(piece);
            }
            at = line_end;
            continue;
        }
        inner.clear();
        at = line_end;
    }
}

fn opened<'t>(header: &str, lead: &'t str, line: &'t str) -> Section<'t> {
    let inside = header.strip_prefix("[[").and_then(|rest| rest.split_once("]]")).map(|(inside, _)| inside.trim());
    Section {
        name: header.to_owned(),
        is_message: inside == Some("message"),
        lead,
        header: line,
        pieces: Vec::new(),
        text: "",
    }
}

/// Names the sections: messages by their ids, others by header; equal names are told apart by a number.
fn finish<'t>(
    text: &'t str,
    mut sections: Vec<Section<'t>>,
    begins: &[usize],
    ends: Vec<usize>,
    end: &'t str,
) -> Cut<'t> {
    let mut seen: Vec<String> = Vec::new();
    for ((section, begin), end) in sections.iter_mut().zip(begins).zip(ends) {
        section.text = &text[*begin..end];
        if section.is_message
            && let Some(id) = section.piece("id").and_then(|piece| string_value(piece.statement))
        {
            section.name = id;
        }
        let same = seen.iter().filter(|name| **name == section.name).count();
        seen.push(section.name.clone());
        if same > 0 {
            section.name = format!("{} {}", section.name, same + 1);
        }
    }
    Cut { sections, end }
}

fn string_value(statement: &str) -> Option<String> {
    let table = DeTable::parse(statement).ok()?;
    match table.get_ref().values().next()?.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The first line `# messages` of the comments that follow the keys as a piece of its own, and what is left of them.
fn cut_mark(lead: &str) -> (Option<Piece<'_>>, &str) {
    let mut at = 0;
    for line in lead.split_inclusive('\n') {
        if line.trim_end() == MESSAGES_MARK {
            let piece = Piece {
                name: MESSAGES_MARK.to_owned(),
                lead: &lead[..at],
                statement: &line[..MESSAGES_MARK.len()],
                tail: &line[MESSAGES_MARK.len()..],
            };
            return (Some(piece), &lead[at + line.len()..]);
        }
        at += line.len();
    }
    (None, lead)
}

/// The blank lines and comments from `at` on.
fn trivia(text: &str, at: usize) -> &str {
    let mut end = at;
    for line in text[at..].split_inclusive('\n') {
        let plain = line.trim_start();
        if !plain.is_empty() && !plain.starts_with('#') {
            break;
        }
        end += line.len();
    }
    &text[at..end]
}

/// The key of a statement, without quotes where it needs none, and where its equals sign stands.
fn key(text: &str, at: usize) -> (String, usize) {
    let mut quote = None;
    let mut escaped = false;
    let mut equals = text.len() - 1;
    for (offset, c) in text[at..].char_indices() {
        match (quote, c) {
            (None, '=') => {
                equals = at + offset;
                break;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), c) if c == open && !escaped => quote = None,
            _ => {}
        }
        escaped = false;
    }
    let written = text[at..equals.max(at)].trim();
    let bare = written.trim_matches(['"', '\'']);
    let is_plain = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (if is_plain { bare } else { written }.to_owned(), equals)
}

/// Where the value that begins after `from` ends.
fn value_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut end, mut depth) = (from, from, 0usize);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => at = string_end(bytes, at),
            b'[' | b'{' => {
                depth += 1;
                at += 1;
            }
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            b'#' if depth == 0 => break,
            b'#' => {
                at += bytes[at..].iter().position(|b| *b == b'\n').unwrap_or(bytes.len() - at);
                continue;
            }
            b'\n' if depth == 0 => break,
            b' ' | b'\t' | b'\r' | b'\n' => {
                at += 1;
                continue;
            }
            _ => at += 1,
        }
        end = at;
    }
    end
}

/// Where the string that begins at `at` ends.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let quote = bytes[at];
    let long = bytes[at..].starts_with(&[quote; 3]);
    let mut at = at + if long { 3 } else { 1 };
    while let Some(&byte) = bytes.get(at) {
        if byte == b'\\' && quote == b'"' {
            at += 2;
        } else if byte != quote {
            at += 1;
        } else if !long {
            return at + 1;
        } else if bytes[at..].starts_with(&[quote; 3]) {
            // Up to two quotes of the text may stand right before those that close it.
            let run = bytes[at..].iter().take(5).take_while(|b| **b == quote).count();
            return at + run;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn joined(cut: &Cut<'_>) -> String {
        let mut out = String::new();
        for section in &cut.sections {
            out.push_str(section.lead);
            out.push_str(section.header);
            for piece in &section.pieces {
                out.push_str(piece.lead);
                out.push_str(piece.statement);
                out.push_str(piece.tail);
            }
        }
        out + cut.end
    }

    fn check(text: &str, expected: &[&str]) {
        DeTable::parse(text).unwrap();
        let found = cut(text);
        assert_eq!(joined(&found), text);
        let names = found.sections.iter().flat_map(|section| {
            let name = section.name.clone();
            section.pieces.iter().map(move |piece| format!("{name}/{}", piece.name))
        });
        assert_eq!(names.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn statements_are_told_apart_whatever_stands_in_their_values() {
        check("# head\n\ntitle = \"a = 'b' # no\" # yes\n\nowner = ''\n", &["/title", "/owner"]);
        check("a = \"\"\"\nb = 1\n# messages\n\"\"\"\"\nc = '''\nx'''''\nd = \"\\\"\"\n", &["/a", "/c", "/d"]);
        check(
            "a = [ # ]\n  \"]\", [1], { x = 1 },\n  # ]\n]\n\"b\" = 1\n'c d' = 2\ne.\"=\" = 3\n",
            &["/a", "/b", "/'c d'", "/e.\"=\""],
        );
    }

    #[test]
    fn the_mark_and_bound_messages_stand_apart() {
        let text = "a = 1\n\n# messages\n# more\n\n[[message]]\nid = \"x\"\ntext = \"\"\n[message.mine]\nk = 1\n\n[[message]]\nid = \"y\"\n[t]\nk = 1\n# end\n";
        check(
            text,
            &["/a", "/# messages", "x/id", "x/text", "x/[message.mine]", "x/[message.mine] k", "y/id", "[t]/k"],
        );
    }

    #[test]
    fn every_file_of_the_contract_is_cut_and_joined() {
        fn walk(folder: &std::path::Path, count: &mut usize) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, count);
                } else if path.extension().is_some_and(|ending| ending == "toml") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    assert_eq!(joined(&cut(&text)), text, "{}", path.display());
                    *count += 1;
                }
            }
        }
        let mut count = 0;
        walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), &mut count);
        assert!(count > 20);
    }
}
