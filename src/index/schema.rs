//! The tables of the index, each with what it holds; the manual's page on `staple sql` is made from them.
//!
//! Times are seconds since 1970 in UTC, days are text, lists are JSON. No table says who did something: owners stand only on
//! what is open now and without times, and of messages only whether the customer or the desk spoke. Who did what is read from
//! the commits themselves when a history is asked for.

use std::sync::OnceLock;

use crate::record::Kind;
use crate::record::schema::{Key, Type};

/// The version of the layout. An index of another version is made anew, never changed over.
pub(super) const FORMAT: i64 = 1;

/// A table or a column set, for people who query it.
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Columns and what they hold.
    pub columns: &'static [(&'static str, &'static str)],
}

/// The tables that queries may count on.
pub const TABLES: &[Table] = &[
    Table {
        name: "ticket",
        about: "a ticket as it is now, committed",
        columns: &[
            ("id", "T-7k3mqp without T-"),
            ("path", "where its record lies"),
            ("open", "1 unless it is resolved, dropped or a duplicate"),
            (
                "title … was",
                "every key of a ticket, `-` written `_`; times in seconds, lists as JSON; owner of open ones only",
            ),
            ("last_public", "when the customer last heard from us"),
            ("unanswered_since", "since when the customer has had no answer; empty when we spoke last"),
            ("last_contact", "when they last wrote or heard from us"),
            ("messages", "how many messages it has"),
        ],
    },
    Table {
        name: "ticket_version",
        about: "what a ticket said from one moment to another",
        columns: &[
            ("ticket", "the ticket's number in the tables `ticket` and `ticket_file`"),
            ("position", "the commit that made it, in `position`"),
            ("effective", "from when"),
            ("until", "until when; empty while it holds"),
            ("title, status, resolution, opened, customer, topic", "as in the record"),
            ("waiting_on, waiting_for, next_update, duplicate_of", "as in the record"),
            ("owned", "1 when somebody saw to it"),
            ("by_playbook", "1 when a playbook solved it"),
        ],
    },
    Table {
        name: "ticket_file",
        about: "every ticket there ever was",
        columns: &[("ticket", "its number here"), ("id", "its id"), ("month", "its month folder")],
    },
    Table {
        name: "message",
        about: "a message of a ticket, loose or bound",
        columns: &[
            ("ticket", "the ticket's number"),
            ("name", "the message's id"),
            ("at", "when it happened"),
            ("kind", "received, reply, note, hand-off, accepted, handed-back, nudge, told, applied"),
            ("from_customer", "1 when the customer spoke, 0 when the desk did"),
            ("attachments", "how many files came with it"),
            ("effective, until", "from when and until when it was in the desk"),
        ],
    },
    Table {
        name: "record",
        about: "a record of any other kind as it is now",
        columns: &[
            ("kind, name", "`customer` and `acme`"),
            ("path", "where it lies"),
            ("label", "its title or name"),
            ("status", "its status, where the kind has one"),
            ("retired", "the day it was retired"),
            ("about", "of a talk, whom it was with"),
        ],
    },
    Table {
        name: "record_version",
        about: "the versions of such a record",
        columns: &[
            ("record", "its number in `record`"),
            ("position", "the commit"),
            ("effective, until", "from when, until when"),
        ],
    },
    Table {
        name: "position",
        about: "a commit of the desk's timeline",
        columns: &[
            ("position", "its place on the timeline, from 0"),
            ("commit_id", "its id; lower(hex(commit_id)) is the usual form"),
            ("effective", "when it takes effect"),
            ("recorded", "when it was recorded"),
            ("author_time", "when it is said to have happened"),
        ],
    },
    Table {
        name: "link",
        about: "a ticket that a commit of the timeline names in a line such as Fixes: T-7k3mqp",
        columns: &[
            ("position", "the commit"),
            ("ticket_id", "the ticket's id"),
            ("keyword", "fixes, resolves, closes or refs"),
        ],
    },
    Table {
        name: "tag",
        about: "a tag of the repository",
        columns: &[("name", "the tag"), ("commit_id", "the commit it names"), ("time", "when that was recorded")],
    },
];

/// The statements that make an empty index.
pub(super) fn statements() -> String {
    let keys: String = ticket_columns().iter().map(|column| format!("{} {}, ", column.name, column.form)).collect();
    format!(
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE position (position INTEGER PRIMARY KEY, commit_id BLOB NOT NULL, effective INTEGER NOT NULL, recorded INTEGER NOT NULL, committer INTEGER NOT NULL, author_time INTEGER NOT NULL, trunk INTEGER NOT NULL, joint INTEGER NOT NULL, settled INTEGER NOT NULL, edge INTEGER NOT NULL, named INTEGER NOT NULL, undoes TEXT, other_files INTEGER NOT NULL);
CREATE INDEX position_commit ON position (commit_id);
CREATE INDEX position_undoes ON position (position) WHERE undoes IS NOT NULL;
CREATE INDEX position_named ON position (position) WHERE named = 1;
CREATE TABLE hold (position INTEGER NOT NULL, path TEXT NOT NULL, effective INTEGER NOT NULL);
CREATE INDEX hold_path ON hold (path);
CREATE TABLE ticket_file (ticket INTEGER PRIMARY KEY, id TEXT NOT NULL, month TEXT NOT NULL, UNIQUE (id, month));
CREATE TABLE ticket_version (ticket INTEGER NOT NULL, position INTEGER NOT NULL, effective INTEGER NOT NULL, until INTEGER, blob BLOB, replaced BLOB, title TEXT, status TEXT, resolution TEXT, opened INTEGER, customer TEXT, topic TEXT, owned INTEGER, waiting_on TEXT, waiting_for TEXT, next_update INTEGER, duplicate_of TEXT, by_playbook INTEGER, PRIMARY KEY (ticket, position)) WITHOUT ROWID;
CREATE TABLE touch (position INTEGER NOT NULL, ticket INTEGER NOT NULL, PRIMARY KEY (position, ticket)) WITHOUT ROWID;
CREATE TABLE message (ticket INTEGER NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, effective INTEGER NOT NULL, until INTEGER, at INTEGER, kind TEXT, from_customer INTEGER, attachments INTEGER, blob BLOB, loose INTEGER NOT NULL, bound INTEGER NOT NULL, changed INTEGER, changed_position INTEGER, changes INTEGER NOT NULL, PRIMARY KEY (ticket, name)) WITHOUT ROWID;
CREATE TABLE attachment (ticket INTEGER NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, position INTEGER NOT NULL, effective INTEGER NOT NULL, until INTEGER, ended INTEGER, blob BLOB, PRIMARY KEY (ticket, name, file, position)) WITHOUT ROWID;
CREATE TABLE ticket (ticket INTEGER PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, blob BLOB NOT NULL, open INTEGER NOT NULL, {keys}unknown TEXT, last_public INTEGER, unanswered_since INTEGER, last_contact INTEGER, has_reply INTEGER NOT NULL, has_attachment INTEGER NOT NULL, messages INTEGER NOT NULL);
CREATE INDEX ticket_id ON ticket (id);
CREATE INDEX ticket_open ON ticket (ticket) WHERE open = 1;
CREATE INDEX ticket_customer ON ticket (customer, open, last_contact);
CREATE INDEX ticket_topic ON ticket (topic);
CREATE INDEX ticket_follows ON ticket (follows) WHERE follows IS NOT NULL;
CREATE INDEX ticket_duplicate ON ticket (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX ticket_blocked ON ticket (blocked_by) WHERE blocked_by IS NOT NULL;
CREATE TABLE record (record INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL, blob BLOB, label TEXT, status TEXT, retired TEXT, about TEXT);
CREATE INDEX record_name ON record (name);
CREATE INDEX record_about ON record (about) WHERE about IS NOT NULL;
CREATE TABLE record_version (record INTEGER NOT NULL, position INTEGER NOT NULL, effective INTEGER NOT NULL, until INTEGER, blob BLOB, replaced BLOB, PRIMARY KEY (record, position)) WITHOUT ROWID;
CREATE INDEX record_version_position ON record_version (position);
CREATE TABLE unreadable (path TEXT PRIMARY KEY, blob BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE twice (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE link (position INTEGER NOT NULL, ticket_id TEXT NOT NULL, keyword TEXT NOT NULL, PRIMARY KEY (position, ticket_id, keyword)) WITHOUT ROWID;
CREATE TABLE tag (name TEXT PRIMARY KEY, commit_id BLOB NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5 (name, fields, messages, content='', contentless_delete=1, tokenize='ascii');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
CREATE TABLE file_state (folder TEXT NOT NULL, name TEXT NOT NULL, state BLOB NOT NULL, live INTEGER NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID;
CREATE INDEX file_live ON file_state (folder, name, state) WHERE live = 1;
CREATE TABLE folder_state (folder TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE edited (path TEXT PRIMARY KEY) WITHOUT ROWID;
"
    )
}

/// A column of the table `ticket` that holds a key of the record.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) key: &'static Key,
    pub(super) name: String,
    pub(super) form: &'static str,
}

/// The columns of a ticket's keys, in the order of the schema.
pub(super) fn ticket_columns() -> &'static [Column] {
    static COLUMNS: OnceLock<Vec<Column>> = OnceLock::new();
    let of_key = |key: &'static Key| Column {
        key,
        name: key.name.replace('-', "_"),
        form: if matches!(key.ty, Type::Time | Type::Number | Type::Bool) { "INTEGER" } else { "TEXT" },
    };
    COLUMNS.get_or_init(|| Kind::Ticket.schema().keys.iter().map(of_key).collect())
}
