//! The fields of one issue, and which of them are not carried.

use serde_json::{Map, Value as Json};

use crate::exchange::history::{Author, LeftOut, one_line};
use crate::record::time::Time;

/// One issue as the file has it.
#[derive(Debug)]
pub(super) struct Issue {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) status: String,
    pub(super) kind: String,
    pub(super) description: String,
    pub(super) design: String,
    pub(super) acceptance: String,
    pub(super) notes: String,
    pub(super) reason: String,
    pub(super) url: String,
    pub(super) created: Time,
    pub(super) updated: Time,
    pub(super) offset_seconds: i32,
    pub(super) created_by: Author,
    pub(super) owner: Option<Author>,
    pub(super) ended_by: Author,
    pub(super) comments: Vec<Comment>,
    pub(super) links: Vec<Link>,
    ended_at: Option<Time>,
    labels: Vec<String>,
}

/// What somebody said.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) id: String,
    pub(super) at: Time,
    pub(super) by: Author,
    pub(super) text: String,
}

/// A dependency on another issue.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) kind: String,
    pub(super) to: String,
    pub(super) at: Option<Time>,
    pub(super) by: Author,
}

impl Link {
    /// What the reason `Duplicate of ID` says.
    pub(super) fn duplicate(of: &str, by: Author) -> Self {
        Self { kind: "duplicates".to_owned(), to: of.to_owned(), at: None, by }
    }

    /// The key of a ticket that says it; `part-of` is a label, and some links have none.
    pub(super) fn key(&self) -> Option<&'static str> {
        match self.kind.as_str() {
            "blocks" => Some("blocked-by"),
            "discovered-from" => Some("follows"),
            "duplicates" => Some("duplicate-of"),
            "parent-child" => Some("part-of"),
            _ => None,
        }
    }
}

/// Fields that are read; all others are counted as not carried.
const READ: &[&str] = &[
    "id",
    "title",
    "description",
    "design",
    "acceptance_criteria",
    "notes",
    "status",
    "priority",
    "issue_type",
    "original_type",
    "created_at",
    "created_by",
    "updated_at",
    "closed_at",
    "close_reason",
    "deleted_at",
    "deleted_by",
    "delete_reason",
    "assignee",
    "owner",
    "labels",
    "dependencies",
    "comments",
    "parent",
];

/// Fields that only repeat what others say.
const DERIVED: &[&str] = &["dependency_count", "dependent_count", "comment_count", "content_hash"];

/// Counts the fields of an issue that a ticket has no place for.
pub(super) fn count_left_out(object: &Map<String, Json>, left_out: &mut LeftOut) {
    for (key, value) in object {
        let empty = match value {
            Json::Null | Json::Bool(false) => true,
            Json::String(text) => text.is_empty(),
            Json::Array(items) => items.is_empty(),
            Json::Object(fields) => fields.is_empty(),
            Json::Number(number) => number.as_f64() == Some(0.0),
            Json::Bool(true) => false,
        };
        if empty || READ.contains(&key.as_str()) || (key == "external_ref" && url(object).is_some()) {
            continue;
        }
        let why =
            if DERIVED.contains(&key.as_str()) { "derived from other fields" } else { "a ticket has no such key" };
        left_out.add(format!("field {}", one_line(key)), why);
    }
}

/// The text of a field; nothing when it is empty or no text.
pub(super) fn text<'a>(object: &'a Map<String, Json>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Json::as_str).filter(|text| !text.trim().is_empty())
}

fn url(object: &Map<String, Json>) -> Option<&str> {
    text(object, "external_ref").filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

fn author(object: &Map<String, Json>, key: &str) -> Author {
    text(object, key).map(Author::called).unwrap_or_default()
}

fn owned(object: &Map<String, Json>, key: &str) -> String {
    text(object, key).unwrap_or_default().to_owned()
}

fn offset(text: &str) -> i32 {
    let pieces = jiff::fmt::temporal::Pieces::parse(text).ok();
    pieces.and_then(|pieces| pieces.to_numeric_offset()).map_or(0, jiff::tz::Offset::seconds)
}

impl Issue {
    /// Reads an issue, or says what is wrong with it.
    pub(super) fn read(object: &Map<String, Json>, now: Time) -> Result<Self, String> {
        let id = text(object, "id").ok_or("the issue has no `id`")?;
        if id.chars().any(|c| c.is_whitespace() || c.is_control() || c == '#') {
            return Err(format!("the id `{}` holds a blank or #", one_line(id)));
        }
        let about = |message: String| format!("{id}: {message}");
        let title = text(object, "title").ok_or_else(|| about("no `title`".to_owned()))?;
        let created = super::time(object, "created_at", now).map_err(about)?;
        let created = created.ok_or_else(|| about("no `created_at`".to_owned()))?;
        let updated = super::time(object, "updated_at", now).map_err(about)?.unwrap_or(created).max(created);
        let status = text(object, "status").unwrap_or("open").to_owned();
        let deleted = status == "tombstone";
        let (at, by, reason) = if deleted {
            ("deleted_at", "deleted_by", "delete_reason")
        } else {
            ("closed_at", "closed_by", "close_reason")
        };
        let owner = text(object, "assignee").or(text(object, "owner")).map(Author::called);
        let reason = owned(object, reason);
        Ok(Self {
            id: id.to_owned(),
            title: title.to_owned(),
            kind: owned(object, if text(object, "original_type").is_some() { "original_type" } else { "issue_type" }),
            description: owned(object, "description"),
            design: owned(object, "design"),
            acceptance: owned(object, "acceptance_criteria"),
            notes: owned(object, "notes"),
            // The tracker's own word for "no reason given".
            reason: if reason.trim().eq_ignore_ascii_case("closed") { String::new() } else { reason },
            url: url(object).unwrap_or_default().to_owned(),
            created,
            updated,
            offset_seconds: text(object, "created_at").map_or(0, offset),
            created_by: author(object, "created_by"),
            ended_by: if text(object, by).is_some() { author(object, by) } else { owner.clone().unwrap_or_default() },
            owner,
            comments: comments(object, created, now).map_err(about)?,
            links: links(object, now).map_err(about)?,
            ended_at: super::time(object, at, now).map_err(about)?,
            labels: labels(object, &status),
            status,
        })
    }

    /// When it was closed or deleted; nothing while it is open.
    pub(super) fn ended(&self) -> Option<Time> {
        let ended = matches!(self.status.as_str(), "closed" | "tombstone");
        ended.then(|| self.ended_at.unwrap_or(self.updated).max(self.created))
    }

    /// The issue that stands for this one, where the reason it was closed says so.
    pub(super) fn stands_for(&self) -> Option<&str> {
        self.ended()?;
        let reason = self.reason.trim();
        let (start, rest) = (reason.get(..13)?, reason.get(13..)?);
        let id = rest.split_whitespace().next()?;
        start.eq_ignore_ascii_case("duplicate of ").then(|| id.trim_end_matches(['.', ',', ':', ';', ')']))
    }

    /// When the last thing happened to it.
    pub(super) fn last(&self) -> Time {
        self.ended().unwrap_or(self.updated)
    }

    /// Its labels, with type, priority and what it is part of.
    pub(super) fn labels(&self) -> Vec<String> {
        let parents = self.links.iter().filter(|link| link.key() == Some("part-of"));
        let kind = Some(&self.kind).filter(|kind| !kind.is_empty()).map(|kind| format!("type-{}", one_line(kind)));
        let more = parents.map(|link| format!("part-of-{}", link.to)).chain(kind);
        let mut all: Vec<String> = self.labels.iter().cloned().chain(more).collect();
        all.sort();
        all.dedup();
        all
    }
}

/// The labels of the file, and in words what has no key.
fn labels(object: &Map<String, Json>, status: &str) -> Vec<String> {
    let given = object.get("labels").and_then(Json::as_array);
    let mut out: Vec<String> = given.into_iter().flatten().filter_map(Json::as_str).map(one_line).collect();
    out.retain(|label| !label.is_empty());
    out.extend(object.get("priority").and_then(Json::as_i64).map(|priority| format!("priority-{priority}")));
    out.extend(text(object, "parent").map(|parent| format!("part-of-{}", one_line(parent))));
    if !matches!(status, "open" | "in_progress" | "hooked" | "closed" | "tombstone") {
        out.push(one_line(status));
    }
    out
}

fn objects<'a>(object: &'a Map<String, Json>, key: &str) -> impl Iterator<Item = &'a Map<String, Json>> {
    object.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object)
}

fn comments(object: &Map<String, Json>, created: Time, now: Time) -> Result<Vec<Comment>, String> {
    let mut out = Vec::new();
    for (i, comment) in objects(object, "comments").enumerate() {
        let Some(words) = text(comment, "text") else { continue };
        let id = comment.get("id").and_then(Json::as_i64).map(|id| id.to_string());
        out.push(Comment {
            id: id
                .or_else(|| text(comment, "id").map(|id| one_line(id).replace('#', "-")))
                .unwrap_or_else(|| (i + 1).to_string()),
            at: super::time(comment, "created_at", now)?.unwrap_or(created),
            by: author(comment, "author"),
            text: words.to_owned(),
        });
    }
    Ok(out)
}

fn links(object: &Map<String, Json>, now: Time) -> Result<Vec<Link>, String> {
    let mut out = Vec::new();
    for link in objects(object, "dependencies") {
        let Some(to) = text(link, "depends_on_id") else { continue };
        out.push(Link {
            kind: one_line(text(link, "type").unwrap_or("blocks")),
            to: one_line(to),
            at: super::time(link, "created_at", now)?,
            by: author(link, "created_by"),
        });
    }
    Ok(out)
}
