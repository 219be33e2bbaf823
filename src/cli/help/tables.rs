//! The parts of the manual that the program's own tables say.

use std::fmt::Write;

use crate::index::schema::TABLES;
use crate::query::fields;
use crate::record::lifecycle::may_move;
use crate::record::schema::{Key, Type};
use crate::record::{Kind, message};
use crate::render::json;
use crate::render::plain::wrap;
use crate::settings::{KEYS, Scope};

/// How wide a table's last column goes.
const LINE: usize = 88;

/// The text with its tables filled in.
pub(super) fn filled(text: &str) -> String {
    type Table = fn() -> String;
    let mut out = text.to_owned();
    let tables: [(&str, Table); 7] = [
        ("{{records}}", records),
        ("{{moves}}", moves),
        ("{{fields}}", query_fields),
        ("{{desk-settings}}", || settings(&[Scope::Desk])),
        ("{{own-settings}}", || settings(&[Scope::User, Scope::UserOnly])),
        ("{{layout}}", layout),
        ("{{tables}}", tables),
    ];
    for (mark, table) in tables {
        if out.contains(mark) {
            out = out.replace(mark, table().trim_end());
        }
    }
    out.replace("{{version}}", &json::VERSION.to_string())
}

fn records() -> String {
    let mut out = String::new();
    for kind in Kind::ALL {
        let _ = writeln!(out, "## {} ({})\n", kind.word(), place(kind));
        let keys = kind.schema().keys;
        let rows = keys.iter().map(|key| match key.ty {
            Type::Line | Type::Prose => (mark(key), key.meaning.to_owned()),
            ty => (mark(key), format!("{} ({})", key.meaning, ty.words())),
        });
        out.push_str(&columns(rows.collect()));
        if kind == Kind::Message {
            out.push_str(&kinds_of_message(keys));
        }
        out.push('\n');
    }
    out
}

fn mark(key: &Key) -> String {
    format!("{}{}", key.name, if key.required { "*" } else { "" })
}

/// Which keys only some kinds of message write.
fn kinds_of_message(keys: &[Key]) -> String {
    let everywhere = |key: &&Key| message::KINDS.iter().all(|kind| message::writes(kind, key.name));
    let common: Vec<&str> = keys.iter().filter(everywhere).map(|key| key.name).collect();
    let mut out = format!("\nA message writes {} and the keys of its own kind:\n\n", common.join(", "));
    let rows = message::KINDS.iter().map(|kind| {
        let own = keys.iter().filter(|key| message::writes(kind, key.name) && !common.contains(&key.name));
        ((*kind).to_owned(), own.map(|key| key.name).collect::<Vec<_>>().join(", "))
    });
    out.push_str(&columns(rows.collect()));
    out
}

/// Where records of a kind lie.
fn place(kind: Kind) -> &'static str {
    match kind {
        Kind::Settings => "staple.toml",
        Kind::Ticket => "tickets/2026-11/7k3mqp.toml",
        Kind::Message => "tickets/2026-11/7k3mqp.20261122T091500Z-4hx2.toml",
        Kind::Playbook => "playbooks/SLUG.toml",
        Kind::Proposal => "proposals/SLUG.toml",
        Kind::Customer => "customers/SLUG.toml",
        Kind::Person => "people/SLUG.toml",
        Kind::Role => "roles/SLUG.toml",
        Kind::Team => "teams/SLUG.toml",
        Kind::Channel => "channels/SLUG.toml",
        Kind::Topic => "topics/SLUG.toml",
        Kind::Talk => "talks/2026-11/20261122T101500Z-9a3f.toml",
        Kind::Jot => "comms/jots/2026-W47/20261120T160000Z-1b2c.toml",
        Kind::Plan => "comms/plan/SLUG.toml",
        Kind::Sent => "comms/sent/2026-W47-managers.toml",
        Kind::Baseline => "baselines/SLUG.toml",
        Kind::Query => "queries/SLUG.toml",
    }
}

fn layout() -> String {
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let what = match kind {
            Kind::Settings => "the desk's settings".to_owned(),
            Kind::Plan => "whom a digest goes to".to_owned(),
            Kind::Sent => "a digest that was sent".to_owned(),
            Kind::Query => "a saved query".to_owned(),
            Kind::Baseline => "locked limits".to_owned(),
            kind => format!("a {}", kind.word()),
        };
        rows.push((place(kind).to_owned(), what));
        if kind == Kind::Message {
            let attachment = "tickets/2026-11/7k3mqp.20261122T091500Z-4hx2.log.txt".to_owned();
            rows.push((attachment, "an attachment of that message".to_owned()));
        }
    }
    rows.push(("templates/digest/managers.md".to_owned(), "a template of the desk's own".to_owned()));
    columns(rows)
}

fn moves() -> String {
    let mut out = String::new();
    for kind in [Kind::Ticket, Kind::Playbook, Kind::Proposal] {
        let Some(Type::Word(states)) = kind.schema().key("status").map(|key| key.ty) else { continue };
        let _ = writeln!(out, "## {}\n", capital(kind.word()));
        let rows = states.iter().map(|from| {
            let to: Vec<&str> = states.iter().copied().filter(|to| from != to && may_move(kind, from, to)).collect();
            let to = if to.is_empty() { "stays".to_owned() } else { format!("to {}", to.join(", ")) };
            ((*from).to_owned(), to)
        });
        out.push_str(&columns(rows.collect()));
        out.push('\n');
    }
    out
}

fn tables() -> String {
    let mut out = String::new();
    for table in TABLES {
        let _ = writeln!(out, "## {}: {}\n", table.name, table.about);
        out.push_str(&columns(table.documented()));
        out.push('\n');
    }
    out
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn query_fields() -> String {
    let row = |field: &fields::FieldSpec| {
        let values = if field.values.is_empty() { String::new() } else { format!(": {}", field.values.join(", ")) };
        (field.name.to_owned(), format!("{}{values}", field.meaning))
    };
    columns(fields::TICKETS.fields.iter().map(row).collect())
}

fn settings(scopes: &[Scope]) -> String {
    let keys = KEYS.iter().filter(|key| scopes.contains(&key.scope));
    columns(keys.map(|key| (key.name.to_owned(), format!("{} ({})", key.meaning, key.form.words()))).collect())
}

/// Two columns, the second wrapped below itself.
fn columns(rows: Vec<(String, String)>) -> String {
    let left = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for (name, text) in rows {
        let lines = wrap(&text, LINE.saturating_sub(left + 4).max(24));
        for (i, line) in lines.iter().enumerate() {
            let name = if i == 0 { name.as_str() } else { "" };
            let _ = writeln!(out, "{}", format!("    {name:left$}{line}").trim_end());
        }
        if lines.is_empty() {
            let _ = writeln!(out, "    {name}");
        }
    }
    out
}
