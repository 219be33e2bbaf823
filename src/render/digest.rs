//! A digest as Markdown, text, HTML or JSON.
//!
//! The templates of the first three are compiled in; a desk may have its own, file by file. What comes from records is
//! made safe before a template sees it, so that one that somebody else wrote cannot forget to.

use serde_json::{Map, Value as Json, json};

use super::markdown;
use super::plain::{clean_line, wrap};
use super::template::{Escape, TemplateError, fill};
use crate::report::digest::{Digest, Line};

/// The form of a digest that a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Markdown, to paste.
    Markdown,
    /// Plain text in lines of 78 columns, to mail.
    Text,
    /// One HTML page without any request, to mail or publish.
    Html,
}

/// A template that is compiled in.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// Its name: `digest/managers.md`.
    pub name: &'static str,
    /// What it makes.
    pub meaning: &'static str,
    /// Its text.
    pub source: &'static str,
}

impl BuiltIn {
    /// Where a desk keeps its own in place of it, from the desk's root.
    pub fn path(&self) -> String {
        format!("templates/{}.j2", self.name)
    }
}

/// The templates of digests.
pub const TEMPLATES: &[BuiltIn] = &[
    BuiltIn {
        name: "digest/managers.html",
        meaning: "the managers' digest as a page",
        source: include_str!("../../templates/digest/managers.html.j2"),
    },
    BuiltIn {
        name: "digest/managers.md",
        meaning: "the managers' digest in Markdown",
        source: include_str!("../../templates/digest/managers.md.j2"),
    },
    BuiltIn {
        name: "digest/managers.txt",
        meaning: "the managers' digest as plain text",
        source: include_str!("../../templates/digest/managers.txt.j2"),
    },
];

/// The template that makes `form` for an audience, by its name.
pub fn built_in(audience: &str, form: Form) -> Option<&'static BuiltIn> {
    let ending = match form {
        Form::Markdown => "md",
        Form::Text => "txt",
        Form::Html => "html",
    };
    let name = format!("digest/{audience}.{ending}");
    TEMPLATES.iter().find(|template| template.name == name)
}

/// Columns of plain text, as mail has them.
const COLUMNS: usize = 78;

/// Fills a template with a digest.
///
/// # Errors
/// When the template is wrong or asks for too much.
pub fn page(digest: &Digest, form: Form, name: &str, source: &str) -> Result<String, TemplateError> {
    let mut values = values(digest);
    let (escape, safe): (Escape, fn(&str) -> String) = match form {
        Form::Markdown => (Escape::None, markdown::escape),
        Form::Text => (Escape::None, clean_line),
        Form::Html => (Escape::Html, clean_line),
    };
    make_safe(&mut values, safe);
    let filled = fill(name, source, &values, escape)?;
    Ok(if form == Form::Text { wrapped(&filled) } else { filled })
}

/// A digest in the versioned envelope; sentences are plain text, and everything counted stands in `facts`.
pub fn json(digest: &Digest) -> Json {
    let plain = |lines: &[Line]| lines.iter().map(ToString::to_string).collect::<Vec<_>>();
    let sections: Vec<Json> = digest
        .sections
        .iter()
        .map(|section| {
            let (sentences, items) = (plain(&section.sentences), plain(&section.items));
            json!({ "key": section.key, "title": section.title, "sentences": sentences, "items": items })
        })
        .collect();
    let mut out = Map::new();
    out.insert("staple".into(), super::json::VERSION.into());
    out.insert("what".into(), "digest".into());
    out.extend(about(digest));
    out.insert("headline".into(), json!(plain(&digest.headline)));
    out.insert("sections".into(), sections.into());
    out.insert("facts".into(), json!(digest.facts));
    Json::Object(out)
}

/// What a template sees.
fn values(digest: &Digest) -> Json {
    let mut out = about(digest);
    out.insert("headline".into(), json!(digest.headline));
    out.insert("sections".into(), json!(digest.sections));
    out.insert("facts".into(), json!(digest.facts));
    Json::Object(out)
}

fn about(digest: &Digest) -> Map<String, Json> {
    let window = &digest.window;
    let mut out = Map::new();
    out.insert("audience".into(), digest.audience.into());
    out.insert("desk".into(), digest.desk.clone().into());
    out.insert(
        "window".into(),
        json!({
            "words": window.words(),
            "week": window.week.map(|week| week.to_string()),
            "from": window.from.to_string(),
            "until": window.until.to_string(),
            "zone": window.zone.iana_name().unwrap_or("UTC"),
            "so-far": window.so_far,
        }),
    );
    out.insert("commit".into(), digest.commit.clone().into());
    out
}

/// Every text in `value`, made safe.
fn make_safe(value: &mut Json, safe: fn(&str) -> String) {
    match value {
        Json::String(text) => *text = safe(text),
        Json::Array(items) => items.iter_mut().for_each(|item| make_safe(item, safe)),
        Json::Object(fields) => fields.values_mut().for_each(|field| make_safe(field, safe)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Lines broken at [`COLUMNS`]; what follows an item's first line stands below its words.
fn wrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in text.lines() {
        // Mail programs know the end of a mail by this line, its space included.
        if line == "-- " {
            out.push_str("-- \n");
            continue;
        }
        let indent = if line.starts_with("- ") { 2 } else { line.len() - line.trim_start().len() };
        for (i, part) in wrap(line.trim_end(), COLUMNS - indent).iter().enumerate() {
            if i > 0 {
                out.push_str(&" ".repeat(indent));
            }
            out.push_str(part);
            out.push('\n');
        }
        if line.trim().is_empty() {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_broken_below_its_item() {
        let text = format!("-- \nTitle\n\n- {}\n", "word ".repeat(20));
        let out = wrapped(&text);
        assert!(out.lines().all(|line| line.len() <= COLUMNS), "{out}");
        assert!(out.starts_with("-- \nTitle\n\n- word"), "{out}");
        assert!(out.lines().last().is_some_and(|line| line.starts_with("  word")), "{out}");
    }
}
