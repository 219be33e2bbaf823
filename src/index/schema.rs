//! The tables of the index, each with what it holds; the manual's page on `staple sql` is made from them.
//!
//! Times are seconds since 1970 in UTC, days are text, lists are JSON. No table says who did something: owners stand only on
//! what is open now and without times, and of messages only whether the customer or the desk spoke. Who did what is read from
//! the commits themselves when a history is asked for.

use std::sync::OnceLock;

use crate::record::Kind;
use crate::record::schema::{Key, Type};

/// The version of the layout. An index of another version is made anew, never changed over.
pub(super) const FORMAT: i64 = 4;

/// A table, for people who query it.
#[derive(Debug)]
pub struct Table {
    /// The name.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Columns and what they hold. For the table `ticket` these are the columns beside the keys of a ticket.
    pub columns: &'static [(&'static str, &'static str)],
    /// Columns that are the program's own and may be others tomorrow.
    pub internal: &'static [&'static str],
}

/// The tables that queries may count on. No other table can be asked for.
pub const TABLES: &[Table] = &[
    Table {
        name: "ticket",
        about: "a ticket as it is now, committed",
        columns: &[
            ("ticket", "its number in the other tables"),
            ("id", "T-7k3mqp without T-"),
            ("path", "where its file lies"),
            ("open", "1 unless it is resolved, dropped or a duplicate"),
            ("last_public", "when the customer last heard from us"),
            ("unanswered_since", "since when the customer has had no answer; empty when we spoke last"),
            ("last_contact", "when they last wrote or heard from us"),
            ("messages", "how many messages it has"),
        ],
        internal: &["place", "blob", "unknown", "has_reply", "has_attachment"],
    },
    Table {
        name: "ticket_version",
        about: "what a ticket said from one moment to another",
        columns: &[
            ("ticket", "the number in ticket_file, and in ticket while the ticket is there"),
            ("position", "the commit that made it, in position"),
            ("effective", "from when"),
            ("until", "until when; empty while it holds"),
            ("title", "as in the file"),
            ("status", "as in the file; empty when the file was removed"),
            ("resolution", "as in the file"),
            ("opened", "as in the file"),
            ("customer", "as in the file"),
            ("topic", "as in the file"),
            ("owned", "1 when somebody saw to it"),
            ("waiting_on", "as in the file"),
            ("waiting_for", "as in the file"),
            ("next_update", "as in the file"),
            ("duplicate_of", "as in the file"),
            ("by_playbook", "1 when a playbook solved it"),
        ],
        internal: &["blob", "replaced"],
    },
    Table {
        name: "ticket_file",
        about: "every ticket there ever was",
        columns: &[
            ("ticket", "its number in the other tables"),
            ("id", "T-7k3mqp without T-"),
            ("month", "its month folder"),
        ],
        internal: &[],
    },
    Table {
        name: "message",
        about: "a message of a ticket",
        columns: &[
            ("ticket", "the ticket's number"),
            ("name", "the message's own id"),
            ("position", "the commit that brought it, in position"),
            ("effective", "from when it was in the desk"),
            ("until", "until when; empty while it is there"),
            ("at", "when it happened"),
            ("kind", "received, reply, note, hand-off, accepted, handed-back, nudge, told, applied"),
            ("from_customer", "1 when the customer spoke, 0 when the desk did"),
            ("attachments", "how many files came with it"),
        ],
        internal: &["blob", "loose", "bound", "changed", "changed_position", "changes"],
    },
    Table {
        name: "record",
        about: "a record of any other kind as it is now",
        columns: &[
            ("record", "its number in record_version"),
            ("path", "where it lies, or lay"),
            ("kind", "customer, topic, playbook and so on"),
            ("name", "its slug or stamp"),
            ("label", "its title or name; empty when the file was removed"),
            ("status", "its status, where the kind has one"),
            ("retired", "the day it was retired"),
            ("about", "of a talk, whom it was with"),
        ],
        internal: &["blob"],
    },
    Table {
        name: "record_version",
        about: "when such a record was changed",
        columns: &[
            ("record", "its number in record"),
            ("position", "the commit, in position"),
            ("effective", "from when this version holds"),
            ("until", "until when; empty while it holds"),
        ],
        internal: &["blob", "replaced"],
    },
    Table {
        name: "position",
        about: "a commit of the desk's timeline",
        columns: &[
            ("position", "its place on the timeline, from 0"),
            ("commit_id", "its id, as bytes; lower(hex(commit_id)) where you compare it with text"),
            ("effective", "when it takes effect"),
            ("recorded", "when it was recorded"),
            ("author_time", "when it is said to have happened"),
        ],
        internal: &["committer", "trunk", "joint", "settled", "edge", "named", "undoes", "other_files"],
    },
    Table {
        name: "link",
        about: "a ticket that a commit of the timeline names in a line such as Fixes: T-7k3mqp",
        columns: &[
            ("position", "the commit, in position"),
            ("ticket_id", "the ticket's id, without T-"),
            ("keyword", "fixes, resolves, closes or refs"),
        ],
        internal: &[],
    },
    Table {
        name: "tag",
        about: "a tag of the repository that names a commit",
        columns: &[
            ("name", "the tag"),
            ("commit_id", "the commit, as bytes"),
            ("time", "when that commit was recorded"),
        ],
        internal: &[],
    },
];

impl Table {
    /// Every column that queries may count on and what it holds, in order; of the table `ticket` with the keys of a ticket.
    pub fn documented(&self) -> Vec<(String, String)> {
        let own = self.columns.iter().map(|(name, about)| ((*name).to_owned(), (*about).to_owned()));
        let mut all: Vec<_> = own.collect();
        if self.name == "ticket" {
            let keys = ticket_columns().iter().map(|column| {
                let key = column.key;
                let form = match key.ty {
                    _ if key.name == "owner" => ", while it is open",
                    Type::List | Type::Ordered | Type::Refs(_) => ", a list as JSON",
                    _ => "",
                };
                (column.name.clone(), format!("{}{form}", key.meaning))
            });
            // The keys stand where they do in the table: before what follows from the messages.
            let at = all.iter().position(|(name, _)| name == "last_public").unwrap_or(all.len());
            all.splice(at..at, keys);
        }
        all
    }
}

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
CREATE TABLE attachment (ticket INTEGER NOT NULL, name TEXT NOT NULL, file TEXT NOT NULL, position INTEGER NOT NULL, effective INTEGER NOT NULL, until INTEGER, ended INTEGER, blob BLOB, replaced BLOB, PRIMARY KEY (ticket, name, file, position)) WITHOUT ROWID;
CREATE TABLE ticket (place INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, id TEXT NOT NULL, path TEXT NOT NULL, blob BLOB NOT NULL, open INTEGER NOT NULL, {keys}unknown TEXT, last_public INTEGER, unanswered_since INTEGER, last_contact INTEGER, has_reply INTEGER NOT NULL, has_attachment INTEGER NOT NULL, messages INTEGER NOT NULL);
CREATE INDEX ticket_id ON ticket (id);
CREATE UNIQUE INDEX ticket_number ON ticket (ticket);
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
CREATE TABLE document (document INTEGER PRIMARY KEY, moment INTEGER NOT NULL);
CREATE INDEX document_moment ON document (moment);
CREATE TABLE word (letters INTEGER NOT NULL, word TEXT NOT NULL, PRIMARY KEY (letters, word)) WITHOUT ROWID;
CREATE TABLE file_state (folder TEXT NOT NULL, name TEXT NOT NULL, state BLOB NOT NULL, live INTEGER NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID;
CREATE INDEX file_live ON file_state (folder, name, state) WHERE live = 1;
CREATE TABLE folder_state (folder TEXT PRIMARY KEY, state BLOB NOT NULL, live BLOB) WITHOUT ROWID;
CREATE TABLE edited (path TEXT PRIMARY KEY) WITHOUT ROWID;
"
    )
}

/// Where the row of a ticket stands in the table `ticket`: those that are not done stand together, below zero, since lists read them
/// and little else.
pub(super) fn place(number: i64, open: bool) -> i64 {
    const FAR: i64 = 1 << 40;
    if open { number - FAR } else { number }
}

/// The condition on the table `ticket` that a ticket is not done; see [`place`].
pub(super) const IS_OPEN: &str = "place < 0";
/// The condition that it is done.
pub(super) const IS_DONE: &str = "place >= 0";

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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeSet;

    use super::*;

    /// Columns by table, as SQLite has them.
    fn there(db: &rusqlite::Connection, table: &str) -> BTreeSet<String> {
        let mut query = db.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        query.query_map([table], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    fn empty() -> rusqlite::Connection {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        db.execute_batch(&statements()).unwrap();
        db
    }

    #[test]
    fn every_column_of_a_table_that_is_promised_is_described_or_called_internal() {
        let db = empty();
        for table in TABLES {
            let documented = table.documented().into_iter().map(|(name, _)| name);
            let told: Vec<String> = documented.chain(table.internal.iter().map(|name| (*name).to_owned())).collect();
            let set: BTreeSet<String> = told.iter().cloned().collect();
            assert_eq!(set.len(), told.len(), "{} says a column twice", table.name);
            assert_eq!(set, there(&db, table.name), "{}", table.name);
        }
    }

    #[test]
    fn no_column_says_who() {
        let db = empty();
        let mut names = BTreeSet::new();
        let mut tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
        let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for table in tables.iter().filter(|table| !table.starts_with("words")) {
            names.extend(there(&db, table).into_iter().map(|column| format!("{table}.{column}")));
        }
        // A new column is added here by somebody who has asked whether it, or a join over it, tells who did something.
        let known = [
            ("attachment", "blob effective ended file name position replaced ticket until"),
            ("document", "document moment"),
            ("edited", "path"),
            ("file_state", "folder live name state"),
            ("folder_state", "folder live state"),
            ("hold", "effective path position"),
            ("link", "keyword position ticket_id"),
            (
                "message",
                "at attachments blob bound changed changed_position changes effective from_customer kind loose name position ticket until",
            ),
            ("meta", "key value"),
            (
                "position",
                "author_time commit_id committer edge effective joint named other_files position recorded settled trunk undoes",
            ),
            ("record", "about blob kind label name path record retired status"),
            ("record_version", "blob effective position record replaced until"),
            ("tag", "commit_id name time"),
            (
                "ticket",
                "blob blocked_by cause channel contact customer duplicate_of follows has_attachment has_reply id labels last_contact last_public links messages next_update open opened origin_id origin_system origin_url owner path place playbooks product resolution severity status ticket title topic unanswered_since unknown version waiting_for waiting_on was",
            ),
            ("ticket_file", "id month ticket"),
            (
                "ticket_version",
                "blob by_playbook customer duplicate_of effective next_update opened owned position replaced resolution status ticket title topic until waiting_for waiting_on",
            ),
            ("touch", "position ticket"),
            ("twice", "id"),
            ("unreadable", "blob path"),
            ("word", "letters word"),
        ];
        let each = |(table, columns): (&str, &str)| -> Vec<String> {
            columns.split(' ').map(|column| format!("{table}.{column}")).collect()
        };
        let known: BTreeSet<String> = known.into_iter().flat_map(each).collect();
        assert_eq!(names, known);
    }
}
