//! Queries that people write, answered read-only.
//!
//! A query sees the tables of [`schema::TABLES`] and what SQLite computes from them, nothing else: no other table of the index, no
//! other database, no setting.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;

use super::{Index, IndexError, schema, search};
use crate::store::Store;

/// A cell of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// Text; of bytes their hexadecimal form.
    Text(String),
}

/// An answer: names of columns, and rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SqlTable {
    /// The columns.
    pub columns: Vec<String>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// Why a query was not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SqlError {
    /// It would do something else than read what may be read.
    #[error("{what}")]
    Refused {
        /// What is refused, in lower case and without a full stop.
        what: String,
    },
    /// What SQLite says of it.
    #[error("{message}")]
    Query {
        /// SQLite's words.
        message: String,
        /// Byte offset of the place in the query, where it is known.
        offset: Option<usize>,
    },
}

/// What a query is for.
const READS: &str = "only queries that read are answered: SELECT, VALUES, WITH or EXPLAIN";

/// What refused, to be said once SQLite gives up.
type Refused = Arc<Mutex<Option<String>>>;

impl Index {
    /// Answers a query: one statement that selects. It reads and changes nothing. Tags are brought up to date first.
    ///
    /// # Errors
    /// Of the index, when the caller has to open it again. Inside, when the query would do more than read, or is wrong.
    pub fn query(&mut self, store: &Store, sql: &str) -> Result<Result<SqlTable, SqlError>, IndexError> {
        if !self.follow_tags(store)? {
            return Err(IndexError::Busy);
        }
        // What was prepared before was allowed more.
        self.db().flush_prepared_statement_cache();
        search::unprepare(self.db())?;
        let others = other_tables(self.db())?;
        let refused = Refused::default();
        let noted = Arc::clone(&refused);
        let connection = &mut self.opened.connection;
        connection.authorizer(Some(move |context: AuthContext<'_>| authorize(&context, &others, &noted)))?;
        let answer = answer(connection, sql);
        connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        let refused = refused.lock().ok().and_then(|mut refused| refused.take());
        match answer {
            Ok(table) => Ok(Ok(table)),
            Err(Fault::Index(error)) => Err(error.into()),
            Err(Fault::Query(error)) => Ok(Err(refused.map_or(error, |what| SqlError::Refused { what }))),
        }
    }
}

/// Whether a query may do something. The first thing refused is noted in words.
fn authorize(context: &AuthContext<'_>, others: &HashSet<String>, refused: &Refused) -> Authorization {
    let what = match context.action {
        AuthAction::Select | AuthAction::Recursive => return Authorization::Allow,
        AuthAction::Read { table_name, .. } if may_be_read(table_name, others) => return Authorization::Allow,
        AuthAction::Read { table_name, .. } => format!("no table `{table_name}` to query"),
        AuthAction::Function { function_name } if function_name.eq_ignore_ascii_case("load_extension") => {
            "nothing is loaded into a query".to_owned()
        }
        AuthAction::Function { .. } => return Authorization::Allow,
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => "no other database is opened for a query".to_owned(),
        AuthAction::Pragma { .. } => "PRAGMA is not answered".to_owned(),
        _ => READS.to_owned(),
    };
    if let Ok(mut refused) = refused.lock() {
        refused.get_or_insert(what);
    }
    Authorization::Deny
}

/// The tables of the index that are not documented, in lower case.
fn other_tables(db: &rusqlite::Connection) -> Result<HashSet<String>, rusqlite::Error> {
    let mut query = db.prepare("SELECT lower(name) FROM sqlite_schema")?;
    let all: HashSet<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter(|name| schema::TABLES.iter().all(|table| table.name != name)).collect())
}

/// Whether a query may read a table: one that is documented, one it makes itself, or a function that takes lists apart.
fn may_be_read(table: &str, others: &HashSet<String>) -> bool {
    // SQLite's own, which it makes out of names alone.
    const OWN: [&str; 4] = ["sqlite_", "pragma_", "dbstat", "bytecode"];
    let table = table.to_ascii_lowercase();
    !others.contains(&table) && !OWN.iter().any(|start| table.starts_with(start))
}

fn answer(connection: &rusqlite::Connection, sql: &str) -> Result<SqlTable, Fault> {
    let mut query = connection.prepare(sql)?;
    // VACUUM is asked of nobody before it runs.
    if !query.readonly() {
        return Err(Fault::Query(SqlError::Refused { what: READS.to_owned() }));
    }
    if query.column_count() == 0 {
        return Err(Fault::Query(SqlError::Query { message: "there is no query".to_owned(), offset: None }));
    }
    let columns: Vec<String> = query.column_names().map(str::to_owned).collect();
    let count = columns.len();
    let mut table = SqlTable { columns, rows: Vec::new() };
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let cells = (0..count).map(|place| row.get_ref(place).map(cell));
        table.rows.push(cells.collect::<Result<_, _>>()?);
    }
    Ok(table)
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
    }
}

/// Whose fault it is that there is no answer.
enum Fault {
    Query(SqlError),
    /// The file is damaged.
    Index(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        if matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)) {
            return Self::Index(error);
        }
        let (message, offset) = match error {
            rusqlite::Error::SqlInputError { msg, offset, .. } => (msg, usize::try_from(offset).ok()),
            rusqlite::Error::MultipleStatement => ("one query at a time".to_owned(), None),
            rusqlite::Error::SqliteFailure(_, Some(message)) => (message, None),
            other => (other.to_string(), None),
        };
        Self::Query(SqlError::Query { message, offset })
    }
}
