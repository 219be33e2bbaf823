//! Settings files: TOML text to flat keys, and one key set with every other byte kept.

use super::keys::{Form, Key};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// A settings file that is not TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct FileError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub message: String,
}

/// One key of a file: its dotted name, its value as text and its line from 1. A list is its items with `, ` between.
pub type FlatKey = (String, String, usize);

/// Reads a settings file as flat keys in file order; `[repo.web]` with `path` is `repo.web.path`.
///
/// # Errors
///
/// [`FileError`] when the text is not TOML.
pub fn flatten(text: &str) -> Result<Vec<FlatKey>, FileError> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        FileError { line: line_of(text, at), message: first_line(error.message()) }
    })?;
    let mut keys = Vec::new();
    flatten_table(text, "", table.get_ref(), &mut keys);
    keys.sort_by_key(|(_, _, line)| *line);
    Ok(keys)
}

fn flatten_table(text: &str, prefix: &str, table: &DeTable<'_>, keys: &mut Vec<FlatKey>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) => flatten_table(text, &format!("{key}."), inner, keys),
            _ => keys.push((key, plain(value), line_of(text, name.span().start))),
        }
    }
}

fn plain(value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or(number.to_string(), |n| n.to_string())
        }
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        DeValue::Table(_) => "{}".to_owned(),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("not TOML").to_owned()
}

/// The file with one setting changed or added; `text` is taken as it comes, see [`super::check`].
///
/// # Errors
///
/// [`FileError`] when the file is not TOML, or the name stands for something else in it.
pub fn set(file: &str, name: &str, key: &Key, text: &str) -> Result<String, FileError> {
    let mut document: DocumentMut = file.parse().map_err(|error: toml_edit::TomlError| FileError {
        line: line_of(file, error.span().map_or(0, |span| span.start)),
        message: first_line(error.message()),
    })?;
    // Only the first and the last dot part a name, and may be the same: what lies between is one name, dots and all.
    let (folders, last) = match (name.split_once('.'), name.rsplit_once('.')) {
        (Some((first, rest)), Some((_, last))) if rest.len() > last.len() => {
            (vec![first, &rest[..rest.len() - last.len() - 1]], last)
        }
        (Some((first, last)), _) => (vec![first], last),
        (None, _) => (Vec::new(), name),
    };
    let mut table = document.as_table_mut();
    for (i, folder) in folders.iter().enumerate() {
        let mut fresh = Table::new();
        fresh.set_implicit(i + 1 < folders.len());
        let item = table.entry(folder).or_insert(Item::Table(fresh));
        table = item.as_table_mut().ok_or_else(|| FileError {
            line: 1,
            message: format!("`{folder}` is not a table, so {name} has no place"),
        })?;
    }
    let mut value = written(key.form, text);
    if let Some(old) = table.get(last).and_then(Item::as_value) {
        *value.decor_mut() = old.decor().clone();
    }
    match table.get_mut(last) {
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(last, Item::Value(value));
        }
    }
    Ok(document.to_string())
}

fn written(form: Form, text: &str) -> Value {
    match (form, text.parse::<i64>()) {
        (Form::Days, Ok(days)) => days.into(),
        (Form::Words, _) => items(text).collect::<Array>().into(),
        _ => text.into(),
    }
}

/// The items of a list written with commas between.
pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::lookup;
    use super::*;

    #[test]
    fn a_file_is_read_as_flat_keys_with_their_lines() {
        let keys = flatten("# mine\ncolor = \"never\"\n\n[repo.website]\npath = '~/src/web'\n").unwrap();
        let color = ("color".to_owned(), "never".to_owned(), 2);
        assert_eq!(keys, [color, ("repo.website.path".to_owned(), "~/src/web".to_owned(), 5)]);
        let keys = flatten("products = [\"app\", \"api\"]\nbind-after-days = 0x10\nx = true\n").unwrap();
        let texts: Vec<&str> = keys.iter().map(|(_, text, _)| text.as_str()).collect();
        assert_eq!(texts, ["app, api", "16", "true"]);
    }

    #[test]
    fn a_file_that_is_not_toml_names_the_line() {
        assert_eq!(flatten("a = 1\nb = = 2\n").unwrap_err().line, 2);
        assert_eq!(flatten("a = \"é\n").unwrap_err().line, 1);
    }

    fn check_set(file: &str, name: &str, text: &str, expected: &str) {
        assert_eq!(set(file, name, lookup(name).unwrap(), text).unwrap(), expected);
    }

    #[test]
    fn setting_a_key_keeps_every_other_byte() {
        check_set(
            "# mine\n\ncolor  =  \"never\" # why\nodd = [1,\n 2]\n",
            "color",
            "auto",
            "# mine\n\ncolor  =  \"auto\" # why\nodd = [1,\n 2]\n",
        );
        check_set("", "bind-after-days", "30", "bind-after-days = 30\n");
        check_set(
            "zone = \"\"\n\nproducts = []\n",
            "products",
            "app, api",
            "zone = \"\"\n\nproducts = [\"app\", \"api\"]\n",
        );
    }

    #[test]
    fn a_dotted_name_finds_or_makes_its_table() {
        check_set("", "repo.web.path", "/src", "[repo.web]\npath = \"/src\"\n");
        check_set("[repo.web]\npath = \"a\"\n", "repo.web.path", "b", "[repo.web]\npath = \"b\"\n");
        check_set("color = \"auto\"\n", "repo.w.x.path", "b", "color = \"auto\"\n\n[repo.\"w.x\"]\npath = \"b\"\n");
        let key = lookup("repo.web.path").unwrap();
        assert!(set("repo = 1\n", "repo.web.path", key, "b").is_err());
    }
}
