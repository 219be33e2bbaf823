//! Edits that leave every other byte: only the value of the key that changes is written anew, and of a list with one item a
//! line only the lines of the items that come or go.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::create::{MESSAGES_MARK, bound_message, line, row, string, written};
use super::parse::typed_value;
use crate::record::schema::{Key, Type};
use crate::record::{Kind, Record, Schema, Value};

/// Why a text could not be edited.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The text is not TOML, so no key has a place.
    #[error("the file is not TOML: {0}")]
    NotToml(String),
    /// The kind has no such key.
    #[error("there is no key `{0}`")]
    NoKey(String),
    /// A list cannot be read, or a key is a table in several places, so that what stands in it would be lost.
    #[error("`{0}` cannot be read, and what stands in it would be lost")]
    Misread(&'static str),
    /// No bound message has the id.
    #[error("no bound message {0}")]
    NoMessage(String),
}

/// One piece of the text and what stands there afterwards.
type Splice = (Range<usize>, String);

/// Sets keys of the record in `text`; everything else keeps its bytes, line ends among them.
///
/// # Errors
/// When `text` is not TOML or the kind has no such key.
pub fn edit(text: &str, schema: &'static Schema, sets: &[(&str, Value)]) -> Result<String, EditError> {
    let table = DeTable::parse(text).map_err(|error| EditError::NotToml(error.message().to_owned()))?;
    splice_keys(text, table.get_ref(), schema, sets)
}

/// Sets keys of the bound message `id` in a ticket's text.
///
/// # Errors
/// When `text` is not TOML, no bound message has the id, or messages have no such key.
pub fn edit_bound(text: &str, id: &str, sets: &[(&str, Value)]) -> Result<String, EditError> {
    let table = DeTable::parse(text).map_err(|error| EditError::NotToml(error.message().to_owned()))?;
    let found = table.get_ref().get("message").and_then(|messages| match messages.get_ref() {
        DeValue::Array(items) => items.iter().find_map(|item| match item.get_ref() {
            DeValue::Table(table) => match table.get("id").map(Spanned::get_ref) {
                Some(DeValue::String(found)) if found == id => Some(table),
                _ => None,
            },
            _ => None,
        }),
        _ => None,
    });
    let table = found.ok_or_else(|| EditError::NoMessage(id.to_owned()))?;
    // A missing key would be added among the ticket's own.
    if let Some((name, _)) = sets.iter().find(|(name, value)| !value.is_unset() && !table.contains_key(*name)) {
        return Err(EditError::NoKey((*name).to_owned()));
    }
    splice_keys(text, table, Kind::Message.schema(), sets)
}

fn splice_keys(
    text: &str,
    table: &DeTable<'_>,
    schema: &'static Schema,
    sets: &[(&str, Value)],
) -> Result<String, EditError> {
    let mut splices: Vec<Splice> = Vec::new();
    let mut missing: Vec<(&'static Key, &Value)> = Vec::new();
    for (name, value) in sets {
        let key = schema.key(name).ok_or_else(|| EditError::NoKey((*name).to_owned()))?;
        match table.get_key_value(key.name) {
            Some((name, old)) if !is_in_one_place(text, name, old) => return Err(EditError::Misread(key.name)),
            Some((_, old)) if key.ty.is_list() && !value.is_unset() && typed_value(key.ty, old.get_ref()).is_none() => {
                return Err(EditError::Misread(key.name));
            }
            Some((_, old)) => splices.extend(replace(text, schema, key, old, value)),
            None if value.is_unset() => {}
            None => missing.push((key, value)),
        }
    }
    let mut out = apply(text, splices);
    if !missing.is_empty() {
        out = insert_keys(&out, schema, &missing)?;
    }
    Ok(out)
}

/// Adds the keys that `text` lacks, unset, in the key block.
///
/// # Errors
/// When `text` is not TOML.
pub fn add_missing_keys(text: &str, record: &Record) -> Result<String, EditError> {
    let table = DeTable::parse(text).map_err(|error| EditError::NotToml(error.message().to_owned()))?;
    let missing: Vec<(&'static Key, &Value)> = record
        .written_keys()
        .filter(|key| !key.required && !table.get_ref().contains_key(key.name))
        .map(|key| (key, &Value::Unset))
        .collect();
    if missing.is_empty() { Ok(text.to_owned()) } else { insert_keys(text, record.schema(), &missing) }
}

/// Sorts the lists that are kept sorted, one item a line. A comment at the end of an item's line goes with it; a list with
/// other comments is left as it is.
///
/// # Errors
/// When `text` is not TOML.
pub fn sort_lists(text: &str, schema: &'static Schema) -> Result<String, EditError> {
    let table = DeTable::parse(text).map_err(|error| EditError::NotToml(error.message().to_owned()))?;
    let mut splices = Vec::new();
    for key in schema.keys.iter().filter(|key| matches!(key.ty, Type::List | Type::Refs(_))) {
        let Some(found) = table.get_ref().get(key.name) else { continue };
        let (DeValue::Array(items), Some(Value::List(mut texts))) =
            (found.get_ref(), typed_value(key.ty, found.get_ref()))
        else {
            continue;
        };
        if texts.is_sorted() {
            continue;
        }
        let lines: Option<Vec<Range<usize>>> = items.iter().map(|item| whole_line(text, item.span())).collect();
        let lines = lines.filter(|lines| lines.windows(2).all(|pair| pair[0].end == pair[1].start));
        if let Some(lines) = lines {
            let mut sorted: Vec<(&String, &str)> =
                texts.iter().zip(lines.iter().map(|line| &text[line.clone()])).collect();
            sorted.sort();
            let range = lines[0].start..lines[lines.len() - 1].end;
            splices.push((range, sorted.into_iter().map(|(_, line)| line).collect()));
        } else if !has_comment(&text[found.span()], items, found.span().start) {
            texts.sort();
            splices.push((found.span(), written(key.ty, &Value::List(texts)).replace('\n', line_end(text))));
        }
    }
    Ok(apply(text, splices))
}

/// Whether a list's text has a comment, between or after its items.
fn has_comment(list: &str, items: &toml::de::DeArray<'_>, start: usize) -> bool {
    let mut between = list.to_owned();
    for item in items.iter().rev() {
        between.replace_range(item.span().start - start..item.span().end - start, "");
    }
    between.contains('#')
}

/// Line and column, from 1, of a key of the record itself; nothing when it is not there.
pub fn place_of_key(text: &str, key: &str) -> Option<(usize, usize)> {
    let table = DeTable::parse(text).ok()?;
    let at = table.get_ref().keys().find(|name| name.get_ref() == key)?.span().start;
    let start = text[..at].rfind('\n').map_or(0, |nl| nl + 1);
    Some((text[..at].matches('\n').count() + 1, text[start..at].chars().count() + 1))
}

/// Appends messages to the end of a ticket's text, in the order given.
pub fn bind(text: &str, messages: &[Record]) -> String {
    let mut out = text.to_owned();
    let end = line_end(text);
    if !out.is_empty() && !out.ends_with('\n') {
        out.push_str(end);
    }
    let has_mark = DeTable::parse(text).is_ok_and(|table| messages_mark(text, table.get_ref()).is_some());
    if !has_mark {
        out.push_str(&format!("\n{MESSAGES_MARK}\n").replace('\n', end));
    }
    for message in messages {
        out.push_str(&bound_message(message).replace('\n', end));
    }
    out
}

fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut out = text.to_owned();
    for (range, new) in splices {
        out.replace_range(range, &new);
    }
    out
}

fn replace(text: &str, schema: &Schema, key: &Key, old: &Spanned<DeValue<'_>>, new: &Value) -> Vec<Splice> {
    if typed_value(key.ty, old.get_ref()).as_ref() == Some(new) {
        return Vec::new();
    }
    if let DeValue::Array(items) = old.get_ref() {
        let lines = match key.ty {
            _ if new.is_unset() && has_list_beside(schema, key) => emptied(text, old.span(), items),
            Type::List | Type::Refs(_) | Type::Rows(_) => lines_of_list(text, key.ty, old.span(), items, new),
            _ => None,
        };
        if let Some(splices) = lines {
            return splices;
        }
    }
    vec![(old.span(), written(key.ty, new).replace('\n', line_end(text)))]
}

/// Whether the key right above or below holds a list too.
fn has_list_beside(schema: &Schema, key: &Key) -> bool {
    let is_pair = |pair: &[Key]| pair.iter().all(|one| one.ty.is_list()) && pair.iter().any(|one| one == key);
    schema.keys.windows(2).any(is_pair)
}

/// The splices that leave the brackets of a list with one item a line, each on its own line. Were they joined to `[]` while
/// the list beside it is filled, a diff would take one's closing bracket for the other's, and the change would reach to a key
/// that neither has to do with. Nothing when the list is laid out otherwise.
fn emptied(text: &str, span: Range<usize>, items: &toml::de::DeArray<'_>) -> Option<Vec<Splice>> {
    let lines: Vec<Range<usize>> =
        items.iter().map(|item| item_line(text, item.span()).map(|(line, _)| line)).collect::<Option<_>>()?;
    let stand_apart = lines.windows(2).all(|pair| pair[0].end <= pair[1].start);
    let is_closed_below = lines.last().is_some_and(|last| last.end < span.end);
    (stand_apart && is_closed_below).then(|| lines.into_iter().map(|line| (line, String::new())).collect())
}

/// The splices for a list with one item a line: lines of items that go are cut, items that come get a line of their own at
/// their place in the order, and the last item gets its comma. Nothing when the list is laid out otherwise.
fn lines_of_list(
    text: &str,
    ty: Type,
    span: Range<usize>,
    items: &toml::de::DeArray<'_>,
    new: &Value,
) -> Option<Vec<Splice>> {
    let wanted: Vec<String> = match new {
        Value::List(items) => items.iter().map(|item| string(item)).collect(),
        Value::Rows(rows) => rows.iter().map(row).collect(),
        _ => return None,
    };
    let mut present: Vec<(String, Range<usize>)> = Vec::new();
    let mut bare = None;
    for item in items.iter() {
        let canonical = match (ty, item.get_ref()) {
            (Type::Rows(fields), value) => row(&super::parse::row_value(fields, value)?),
            (_, DeValue::String(text)) => string(text),
            _ => return None,
        };
        let (range, comma) = item_line(text, item.span())?;
        if !comma && !ends_list(&text[item.span().end..span.end - 1]) {
            return None;
        }
        if !comma && wanted.contains(&canonical) {
            bare = Some(item.span().end);
        }
        if present.last().is_some_and(|(_, before)| before.end > range.start) {
            return None;
        }
        present.push((canonical, range));
    }
    if wanted.is_empty() {
        return None;
    }
    // An empty list may have its closing bracket on a line of its own, too.
    let close = text[..span.end - 1].rfind('\n').map(|at| at + 1);
    let close = close.filter(|at| *at >= present.last().map_or(span.start, |p| p.1.end))?;
    let mut splices: Vec<Splice> = Vec::new();
    for (item, range) in &present {
        if !wanted.contains(item) {
            splices.push((range.clone(), String::new()));
        }
    }
    let end = line_end(text);
    let mut added: std::collections::BTreeMap<usize, String> = std::collections::BTreeMap::new();
    for item in &wanted {
        if present.iter().any(|(there, _)| there == item) {
            continue;
        }
        let at = present.iter().find(|(there, _)| there > item).map_or(close, |(_, range)| range.start);
        added.entry(at).or_default().push_str(&format!("  {item},{end}"));
    }
    if !splices.is_empty() || !added.is_empty() {
        splices.extend(bare.map(|at| (at..at, ",".to_owned())));
    }
    splices.extend(added.into_iter().map(|(at, text)| (at..at, text)));
    Some(splices)
}

/// The whole line of an item that stands alone on it and is followed by a comma.
fn whole_line(text: &str, item: Range<usize>) -> Option<Range<usize>> {
    item_line(text, item).filter(|(_, comma)| *comma).map(|(line, _)| line)
}

/// Whether nothing but blank lines and comments stands between an item and the end of its list.
fn ends_list(rest: &str) -> bool {
    rest.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'))
}

/// The whole line of an item that stands alone on it, and whether a comma follows.
pub(super) fn item_line(text: &str, item: Range<usize>) -> Option<(Range<usize>, bool)> {
    let start = text[..item.start].rfind('\n')? + 1;
    let end = item.end + text[item.end..].find('\n')? + 1;
    let before_is_blank = text[start..item.start].trim().is_empty();
    let rest = text[item.end..end].trim();
    let after = rest.strip_prefix(',').unwrap_or(rest).trim();
    let ends_well = after.is_empty() || after.starts_with('#');
    (before_is_blank && ends_well).then_some((start..end, rest.starts_with(',')))
}

/// Adds lines for keys right above a line that nobody edits: of a ticket `# messages`, else the schema's anchor; where that
/// is missing too, above the first key that is there.
///
/// No blank line comes between the addition and that line. Between blank lines an addition can be read as standing one line
/// higher, next to a neighbour that somebody else changes; two people who add the same key would then have it twice after
/// a clean merge.
fn insert_keys(text: &str, schema: &'static Schema, keys: &[(&'static Key, &Value)]) -> Result<String, EditError> {
    let table = DeTable::parse(text).map_err(|error| EditError::NotToml(error.message().to_owned()))?;
    let root = table.get_ref();
    let plain = || root.keys().filter(|name| !is_in_header(text, name)).map(|name| (name.get_ref(), name.span().start));
    let first = plain().filter(|(name, _)| schema.key(name).is_some()).map(|(_, at)| at).min();
    let anchor = plain().find(|(name, _)| *name == schema.anchor).map(|(_, at)| at);
    let end = line_end(text);
    let lines: Vec<String> = keys.iter().map(|(key, value)| line(key.name, key.ty, value)).collect();
    let lines = lines.join("\n").replace('\n', end);
    let at = messages_mark(text, root).or(anchor).or(first).unwrap_or(0);
    let at = text[..at].rfind('\n').map_or_else(|| begin(text), |nl| nl + 1);
    let mut out = text.to_owned();
    out.insert_str(at, &lines);
    Ok(out)
}

/// Where a text begins, behind its byte order mark.
fn begin(text: &str) -> usize {
    text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len()
}

/// Whether a value stands behind the equals sign of its key. A table may also be spread over `key.a = 1` and `[key]`.
fn is_in_one_place(text: &str, name: &Spanned<std::borrow::Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> bool {
    let is_inline = !matches!(value.get_ref(), DeValue::Table(_)) || text[value.span()].starts_with('{');
    is_inline && !is_in_header(text, name)
}

/// Whether a key of the record itself stands in a header, `[key]`, and not before an equals sign.
fn is_in_header(text: &str, name: &Spanned<std::borrow::Cow<'_, str>>) -> bool {
    let start = text[..name.span().start].rfind('\n').map_or_else(|| begin(text), |nl| nl + 1);
    text[start..].trim_start().starts_with('[')
}

/// Where the line `# messages` begins that ends a ticket's keys; nothing where it is not, or is words of a text.
fn messages_mark(text: &str, root: &DeTable<'_>) -> Option<usize> {
    let last = root.iter().filter(|(name, _)| !is_in_header(text, name)).map(|(_, value)| value.span().end).max();
    let header = root.keys().filter(|name| is_in_header(text, name)).map(|name| name.span().start).min();
    let (last, header) = (last.unwrap_or(0), header.unwrap_or(text.len()));
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // A bound message may say the same words.
        if (last..header).contains(&at) && line.trim_end() == MESSAGES_MARK {
            return Some(at);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(input: &str, sets: &[(&str, Value)], expected: &str) {
        assert_eq!(edit(input, Kind::Ticket.schema(), sets).unwrap(), expected);
    }

    fn list(items: &[&str]) -> Value {
        Value::List(items.iter().map(|item| (*item).to_owned()).collect())
    }

    #[test]
    fn only_the_value_changes() {
        check(
            "# head\ntitle = 'a'   # why\n\nmine = 1\nstatus = \"new\"\n",
            &[("status", "working".into())],
            "# head\ntitle = 'a'   # why\n\nmine = 1\nstatus = \"working\"\n",
        );
    }

    #[test]
    fn an_item_gets_a_line_of_its_own_at_its_place() {
        check(
            "labels = [\n  \"a\", # keep\n  \"c\",\n]\n",
            &[("labels", list(&["a", "b", "c"]))],
            "labels = [\n  \"a\", # keep\n  \"b\",\n  \"c\",\n]\n",
        );
        check("labels = [\n  \"a\",\n]\n", &[("labels", list(&["a", "z"]))], "labels = [\n  \"a\",\n  \"z\",\n]\n");
        check("labels = []\n", &[("labels", list(&["a"]))], "labels = [\n  \"a\",\n]\n");
        check("labels = [\n  \"a\",\n  \"b\",\n]\n", &[("labels", list(&["b"]))], "labels = [\n  \"b\",\n]\n");
        check("labels = [\"b\"]\n", &[("labels", list(&["a", "b"]))], "labels = [\n  \"a\",\n  \"b\",\n]\n");
    }

    #[test]
    fn a_list_without_a_last_comma_keeps_its_comments() {
        check(
            "labels = [\n  # these\n  \"a\", # one\n  \"b\"  # two\n  # end\n]\n",
            &[("labels", list(&["a", "b", "c"]))],
            "labels = [\n  # these\n  \"a\", # one\n  \"b\",  # two\n  # end\n  \"c\",\n]\n",
        );
        let comma_below = "labels = [\n  \"a\"\n  , # one\n]\n";
        check(comma_below, &[("labels", list(&["a", "b"]))], "labels = [\n  \"a\",\n  \"b\",\n]\n");
        check("labels = [\n  \"a\",\n  \"b\"\n]\n", &[("labels", list(&["a"]))], "labels = [\n  \"a\",\n]\n");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_not_written_over() {
        let text = "playbooks = [\n  \"ok\",\n  \"Not A Slug\",\n]\n";
        let error = edit(text, Kind::Ticket.schema(), &[("playbooks", list(&["new"]))]).unwrap_err();
        assert!(matches!(error, EditError::Misread("playbooks")));
        check(text, &[("playbooks", Value::Unset)], "playbooks = [\n]\n");
        check("playbooks = [\"Not A Slug\"]\n", &[("playbooks", Value::Unset)], "playbooks = []\n");
    }

    #[test]
    fn a_list_beside_another_is_emptied_line_by_line() {
        let text = "labels = [\n  # free\n  \"a\", # one\n  \"b\"\n]\n\nblocked-by = []\n\nfollows = \"\"\n";
        let emptied = "labels = [\n  # free\n]\n\nblocked-by = []\n\nfollows = \"\"\n";
        check(text, &[("labels", Value::Unset)], emptied);
        // Filled anew it keeps what stands in it.
        let filled = emptied.replace("free\n", "free\n  \"c\",\n");
        check(emptied, &[("labels", list(&["c"]))], &filled);
        check("labels = [\"a\"]\n", &[("labels", Value::Unset)], "labels = []\n");
        // No list is next to this one, so nothing can be mistaken for its end.
        let examples = |text: &str| edit(text, Kind::Topic.schema(), &[("examples", Value::Unset)]).unwrap();
        assert_eq!(examples("examples = [\n  \"a\",\n]\n"), "examples = []\n");
    }

    #[test]
    fn line_ends_are_kept() {
        check(
            "title = \"a\"\r\nlabels = []\r\n",
            &[("labels", list(&["x"]))],
            "title = \"a\"\r\nlabels = [\r\n  \"x\",\r\n]\r\n",
        );
    }

    #[test]
    fn a_missing_key_is_added_before_one_that_nobody_edits() {
        check(
            "title = \"a\"\n\norigin-id = \"\"\n\nwas = \"\"\n",
            &[("owner", "sam".into())],
            "title = \"a\"\n\nowner = \"sam\"\norigin-id = \"\"\n\nwas = \"\"\n",
        );
    }

    #[test]
    fn a_missing_key_is_never_added_to_a_message_or_a_table() {
        // The words of a message were taken for the line that ends the keys.
        let message = "[[message]]\nid = \"20261122T091500Z-4hx2\"\ntext = \"\"\"\n# messages\n\"\"\"\n";
        let owner = [("owner", Value::from("sam"))];
        check(&format!("title = 'a'\n\n{message}"), &owner, &format!("owner = \"sam\"\ntitle = 'a'\n\n{message}"));
        check("[mine]\n[was]\nx = 1\n# messages\n", &owner, "owner = \"sam\"\n[mine]\n[was]\nx = 1\n# messages\n");
        check("\u{feff}title = 'a'\n", &owner, "\u{feff}owner = \"sam\"\ntitle = 'a'\n");
    }

    #[test]
    fn a_table_in_the_place_of_a_value_is_not_written_over() {
        // The name of the key was written over, and its table stayed.
        for text in ["title.x = 1\n", "[title]\nx = 1\n", "[title.x]\n", "[[title]]\nx = 1\n"] {
            for value in ["new".into(), Value::Unset] {
                let error = edit(text, Kind::Ticket.schema(), &[("title", value)]).unwrap_err();
                assert!(matches!(error, EditError::Misread("title")), "{text}");
            }
        }
        check("title = { x = 1 }\n", &[("title", "new".into())], "title = \"new\"\n");
    }

    #[test]
    fn lists_are_sorted_and_comments_go_with_their_lines() {
        let sorted = |text: &str| sort_lists(text, Kind::Ticket.schema()).unwrap();
        assert_eq!(sorted("labels = [\"b\", \"a\"]\n"), "labels = [\n  \"a\",\n  \"b\",\n]\n");
        assert_eq!(sorted("labels = [\n  \"b\", # two\n  \"a\",\n]\n"), "labels = [\n  \"a\",\n  \"b\", # two\n]\n");
        let own = "labels = [ # mine\n\"b\", \"a#\"]\nlinks = [\"a\", \"b\"]\n";
        assert_eq!(sorted(own), own);
    }

    #[test]
    fn a_key_is_found_where_it_stands() {
        assert_eq!(place_of_key("title = 'a'\n\nowner = 'b'\n", "owner"), Some((3, 1)));
        assert_eq!(place_of_key("title = 'a'\n", "owner"), None);
    }

    #[test]
    fn setting_what_is_there_changes_nothing() {
        check("title = 'a'\n", &[("title", "a".into())], "title = 'a'\n");
    }
}
