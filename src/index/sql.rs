//! Queries that people write, answered read-only.

use rusqlite::types::ValueRef;

use super::Index;

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
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// It would change the index.
    #[error("only queries that read are answered")]
    Writes,
    /// What SQLite says of it.
    #[error("{message}")]
    Query {
        /// SQLite's words.
        message: String,
        /// Byte offset of the place in the query, where it is known.
        offset: Option<usize>,
    },
}

impl Index {
    /// Answers a query. It reads and changes nothing: no other database is opened for it, no setting changed.
    ///
    /// # Errors
    /// When it would write, or is wrong.
    pub fn query(&mut self, sql: &str) -> Result<SqlTable, SqlError> {
        let authorized = |context: rusqlite::hooks::AuthContext<'_>| {
            use rusqlite::hooks::{AuthAction, Authorization};
            match context.action {
                AuthAction::Select | AuthAction::Read { .. } | AuthAction::Function { .. } | AuthAction::Recursive => {
                    Authorization::Allow
                }
                _ => Authorization::Deny,
            }
        };
        self.opened.connection.authorizer(Some(authorized)).map_err(of_sqlite)?;
        let answer = self.answer(sql);
        let _ = self
            .opened
            .connection
            .authorizer(None::<fn(rusqlite::hooks::AuthContext<'_>) -> rusqlite::hooks::Authorization>);
        answer
    }

    fn answer(&self, sql: &str) -> Result<SqlTable, SqlError> {
        let mut query = self.db().prepare(sql).map_err(of_sqlite)?;
        if !query.readonly() {
            return Err(SqlError::Writes);
        }
        let columns: Vec<String> = query.column_names().into_iter().map(str::to_owned).collect();
        let count = columns.len();
        let mut table = SqlTable { columns, rows: Vec::new() };
        let mut rows = query.query([]).map_err(of_sqlite)?;
        while let Some(row) = rows.next().map_err(of_sqlite)? {
            let cells = (0..count).map(|place| row.get_ref(place).map(cell));
            table.rows.push(cells.collect::<Result<_, _>>().map_err(of_sqlite)?);
        }
        Ok(table)
    }
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

fn of_sqlite(error: rusqlite::Error) -> SqlError {
    match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } => {
            SqlError::Query { message: msg, offset: usize::try_from(offset).ok() }
        }
        rusqlite::Error::MultipleStatement => {
            SqlError::Query { message: "one query at a time".to_owned(), offset: None }
        }
        rusqlite::Error::SqliteFailure(failure, _)
            if failure.code == rusqlite::ErrorCode::AuthorizationForStatementDenied =>
        {
            SqlError::Writes
        }
        other => SqlError::Query { message: other.to_string(), offset: None },
    }
}
